import { useQuery } from '@tanstack/react-query'
import { NativeSelect, SegmentedControl, TextInput } from '@mantine/core'
import { dateIn } from '../../lib/local-date.ts'
import { productNow } from '../../lib/product-time.ts'
import { CheckBox } from '../../ui/check-box.tsx'
import { Panel } from '../../ui/page.tsx'
import { useZone } from '../../ui/zone.ts'
import { ownedNumbersQuery } from './checks.ts'
import type { Composition } from './composition.ts'
import { HoursField } from './hours-field.tsx'
import classes from './composer.module.css'

interface WhenBlockProps {
  composed: Composition
  onChange: (change: Partial<Composition>) => void
}

/** When it begins, within which hours, how often somebody is tried again, and from which numbers. */
export function WhenBlock({ composed, onChange }: WhenBlockProps) {
  const zone = useZone()
  return (
    <Panel title="3 · When">
      <div className={classes.fields}>
        <div>
          <p className={classes.label}>Begins</p>
          <SegmentedControl
            aria-label="Begins"
            value={composed.at === '' ? 'now' : 'at'}
            onChange={(when) =>
              onChange({ at: when === 'now' ? '' : `${dateIn(productNow(), zone, 1)}T09:00` })
            }
            data={[
              { value: 'now', label: 'Now' },
              { value: 'at', label: 'At a time' },
            ]}
          />
        </div>
        {composed.at !== '' && (
          <TextInput
            type="datetime-local"
            label={`Time (${zone})`}
            value={composed.at}
            onChange={(event) => onChange({ at: event.currentTarget.value })}
          />
        )}
      </div>
      <HoursField value={composed.hours} onChange={(hours) => onChange({ hours })} />
      <details className={classes.more}>
        <summary>Trying again, pausing by itself, numbers to call from</summary>
        <div className={classes.stack}>
          <AgainFields composed={composed} onChange={onChange} />
          <FromField value={composed.from} onChange={(from) => onChange({ from })} />
        </div>
      </details>
    </Panel>
  )
}

function AgainFields({ composed, onChange }: WhenBlockProps) {
  const isText = composed.service === 'SMS'
  return (
    <div className={classes.fields}>
      <NativeSelect
        label={isText ? 'Texts to one person at most' : 'Calls to one person at most'}
        description={isText ? 'Again after a text that failed.' : 'Again after no answer, or busy.'}
        value={String(composed.attempts)}
        onChange={(event) => onChange({ attempts: Number(event.currentTarget.value) })}
        data={['1', '2', '3', '4', '5']}
      />
      {composed.attempts > 1 && (
        <TextInput
          type="number"
          label="Minutes between"
          min={1}
          max={10_080}
          className={classes.short ?? ''}
          value={composed.retryMinutes}
          onChange={(event) => onChange({ retryMinutes: Number(event.currentTarget.value) })}
        />
      )}
      <NativeSelect
        label="Pauses by itself"
        description="Judged by the last 20."
        value={String(composed.breakerPercent)}
        onChange={(event) => onChange({ breakerPercent: Number(event.currentTarget.value) })}
        data={[
          { value: '0', label: 'Never' },
          { value: '30', label: 'When 30 % fail' },
          { value: '50', label: 'When 50 % fail' },
          { value: '80', label: 'When 80 % fail' },
        ]}
      />
    </div>
  )
}

/** Several numbers take turns. */
function FromField({ value, onChange }: { value: readonly string[]; onChange: (from: string[]) => void }) {
  const owned = useQuery(ownedNumbersQuery).data ?? []
  const known = [...new Set([...owned, ...value])]
  if (known.length === 0) return null
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
      <legend className={classes.label}>Shows</legend>
      {known.map((number) => (
        <CheckBox
          key={number}
          checked={value.includes(number)}
          onChange={(on) => onChange(on ? [...value, number] : value.filter((one) => one !== number))}
        >
          <span className="numerals">{number}</span>
        </CheckBox>
      ))}
      <p className={classes.aside}>None: the usual number of the workspace. Several take turns.</p>
    </fieldset>
  )
}
