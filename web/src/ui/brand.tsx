import classes from './brand.module.css'

export function Brand() {
  return (
    <span className={classes.brand}>
      <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden>
        <rect width="32" height="32" rx="8" fill="#3b4fd8" />
        <path d="M8 10h16M16 10v13" stroke="#fff" strokeWidth="3.2" strokeLinecap="round" fill="none" />
        <g fill="#ffcf3d">
          <circle cx="8" cy="10" r="2.6" />
          <circle cx="24" cy="10" r="2.6" />
          <circle cx="16" cy="23" r="2.6" />
        </g>
      </svg>
      Trunkline
    </span>
  )
}
