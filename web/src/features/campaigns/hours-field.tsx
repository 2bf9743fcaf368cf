import { SegmentedControl, TextInput } from '@mantine/core'
import { CheckBox } from '../../ui/check-box.tsx'
import { weekdays, type Composition, type Weekday } from './composition.ts'
import classes from './composer.module.css'

const words: Record<Weekday, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
}
const usual: [string, string] = ['09:00', '20:00']

interface HoursFieldProps {
  value: Composition['hours']
  onChange: (hours: Composition['hours']) => void
}

/** Hours of this campaign alone, in the time of whoever is called. Those of the workspace hold beside them. */
export function HoursField({ value, onChange }: HoursFieldProps) {
  const set = (day: Weekday, hours: [string, string] | null) => {
    const next = { ...value }
    if (hours === null) delete next[day]
    else next[day] = hours
    onChange(next)
  }
  return (
    <div className={classes.stack}>
      <div>
        <p className={classes.label}>Hours, by the clock of whoever is called</p>
        <SegmentedControl
          aria-label="Hours"
          value={value === null ? 'workspace' : 'own'}
          onChange={(which) =>
            onChange(
              which === 'workspace'
                ? null
                : Object.fromEntries(weekdays.slice(0, 5).map((day) => [day, usual])),
            )
          }
          data={[
            { value: 'workspace', label: 'Those of the workspace' },
            { value: 'own', label: 'Its own' },
          ]}
        />
      </div>
      {value !== null && (
        <div role="group" aria-label="Hours of each day">
          {weekdays.map((day) => (
            <Day key={day} word={words[day]} hours={value[day]} onChange={(hours) => set(day, hours)} />
          ))}
        </div>
      )}
    </div>
  )
}

function Day(props: {
  word: string
  hours: [string, string] | undefined
  onChange: (hours: [string, string] | null) => void
}) {
  const { word, hours, onChange } = props
  return (
    <div className={classes.days}>
      <CheckBox checked={hours !== undefined} onChange={(open) => onChange(open ? usual : null)}>
        {word}
      </CheckBox>
      {hours === undefined ? (
        <span className={classes.aside}>closed</span>
      ) : (
        <>
          <TextInput
            type="time"
            aria-label={`${word} from`}
            value={hours[0]}
            onChange={(event) => onChange([event.currentTarget.value, hours[1]])}
          />
          <span>to</span>
          <TextInput
            type="time"
            aria-label={`${word} until`}
            value={hours[1]}
            onChange={(event) => onChange([hours[0], event.currentTarget.value])}
          />
        </>
      )}
    </div>
  )
}
