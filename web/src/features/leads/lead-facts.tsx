import type { Lead } from '../../lib/lead-types.ts'
import { Panel } from '../../ui/page.tsx'
import { factsOf, wordsOf } from './lead.ts'
import classes from './leads.module.css'

/** What is known of a person, in groups. */
export function LeadFacts({ lead }: { lead: Lead }) {
  return factsOf(lead).map(({ title, facts }) => (
    <Panel key={title} title={title}>
      <dl className={classes.facts}>
        {facts.map(({ name, value }) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
    </Panel>
  ))
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{wordsOf(name)}</dt>
      <dd>{value}</dd>
    </>
  )
}
