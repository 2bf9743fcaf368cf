import { useQuery } from '@tanstack/react-query'
import { NativeSelect, TextInput } from '@mantine/core'
import { agentsQuery } from './agents.ts'
import { isAgentId } from './composition.ts'
import classes from './composer.module.css'

interface KeyTargetProps {
  /** Null: nobody. Else the id of an agent, or a number, which may still have to be typed. */
  value: string | null
  onChange: (value: string | null) => void
}

const nobody = 'nobody'
const someNumber = 'number'

/** Whom a key joins the caller with: nobody, an agent of the workspace, or any number. */
export function KeyTarget({ value, onChange }: KeyTargetProps) {
  const agents = useQuery(agentsQuery).data
  const chosen = value === null ? nobody : isAgentId(value) ? value : someNumber
  const isGone = chosen === value && agents !== undefined && !agents.some(({ id }) => id === value)
  return (
    <div className={classes.target}>
      <NativeSelect
        label="Joins with"
        value={chosen}
        error={isGone ? 'Not an agent any more' : undefined}
        onChange={(event) => onChange(targetNamed(event.currentTarget.value))}
        data={[
          { value: nobody, label: 'Nobody' },
          { value: someNumber, label: 'A number…' },
          ...(agents ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ...(chosen === value && (isGone || agents === undefined) ? [{ value, label: 'An agent' }] : []),
        ]}
      />
      {chosen === someNumber && (
        <TextInput
          label="Number"
          type="tel"
          placeholder="+977…"
          value={value ?? ''}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </div>
  )
}

function targetNamed(choice: string): string | null {
  if (choice === nobody) return null
  return choice === someNumber ? '' : choice
}
