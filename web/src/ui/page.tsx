import { useEffect, type ReactNode } from 'react'
import classes from './page.module.css'

interface PageProps {
  title: string
  /** Beside the title: buttons. */
  actions?: ReactNode
  /** Above the title: where one came from. */
  trail?: ReactNode
  /** Beside the title: a state. */
  badge?: ReactNode
  /** The page fills the window exactly and scrolls inside. */
  fills?: boolean
  children: ReactNode
}

export function Page({ title, actions, trail, badge, fills = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Trunkline`
  }, [title])
  return (
    <div className={classes.page} data-fills={fills || undefined}>
      <header className={classes.head}>
        <div className={classes.titles}>
          {trail}
          <div className={classes.title}>
            <h1 tabIndex={-1}>{title}</h1>
            {badge}
          </div>
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** A part of a page on its own surface. */
export function Panel({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <section className={classes.panel} aria-label={title}>
      {title && <h2>{title}</h2>}
      {children}
    </section>
  )
}
