import { Kbd } from '@mantine/core'
import { outcomes } from './plan-words.ts'
import classes from './outcome-choice.module.css'

interface OutcomeChoiceProps {
  value: string | undefined
  onChange: (value: string | undefined) => void
}

/** How it went: one of six, each with its key, or none. */
export function OutcomeChoice({ value, onChange }: OutcomeChoiceProps) {
  return (
    <fieldset className={classes.choice}>
      <legend>How did it go?</legend>
      <div className={classes.options}>
        {outcomes.map((outcome, index) => (
          <button
            key={outcome.value}
            type="button"
            className={classes.option}
            aria-pressed={value === outcome.value}
            aria-keyshortcuts={String(index + 1)}
            onClick={() => onChange(value === outcome.value ? undefined : outcome.value)}
          >
            <Kbd aria-hidden>{index + 1}</Kbd>
            {outcome.word}
          </button>
        ))}
      </div>
    </fieldset>
  )
}
