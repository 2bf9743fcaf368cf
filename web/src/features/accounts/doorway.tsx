import { useEffect, type ReactNode } from 'react'
import { Brand } from '../../ui/brand.tsx'
import classes from './doorway.module.css'

/** The frame of the pages before the console. */
export function Doorway({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Trunkline`
  }, [title])
  return (
    <main className={classes.door}>
      <div className={classes.card}>
        <Brand />
        <h1>{title}</h1>
        {lead && <p className={classes.lead}>{lead}</p>}
        {children}
      </div>
    </main>
  )
}
