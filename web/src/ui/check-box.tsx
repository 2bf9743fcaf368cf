import type { ReactNode } from 'react'
import classes from './check-box.module.css'

/** A box to tick, with its words; the whole line can be clicked. */
export function CheckBox(props: {
  checked: boolean
  onChange: (checked: boolean) => void
  disabled?: boolean
  children: ReactNode
}) {
  return (
    <label className={classes.line} data-disabled={props.disabled || undefined}>
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled ?? false}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span>{props.children}</span>
    </label>
  )
}
