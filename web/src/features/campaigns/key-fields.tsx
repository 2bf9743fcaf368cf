import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import type { MachineChoice } from '../../lib/api-types.ts'
import { CheckBox } from '../../ui/check-box.tsx'
import type { Composition, KeyRow } from './composition.ts'
import { KeyTarget } from './key-target.tsx'
import classes from './composer.module.css'

const machines: { value: MachineChoice; label: string }[] = [
  { value: 'ignore', label: 'Not asked: it hears the message like a person' },
  { value: 'hang_up', label: 'Hang up: it counts as unanswered' },
  { value: 'leave_message', label: 'Leave the message after the beep' },
  { value: 'treat_as_answered', label: 'Say the message, and count the machines' },
]

interface KeyFieldsProps {
  composed: Composition
  onChange: (change: Partial<Composition>) => void
}

/** What a call does beside its message. */
export function KeyFields({ composed, onChange }: KeyFieldsProps) {
  const change = (index: number, row: Partial<KeyRow>) =>
    onChange({ keys: composed.keys.map((old, place) => (place === index ? { ...old, ...row } : old)) })
  return (
    <div className={classes.stack}>
      <NativeSelect
        label="When a machine answers"
        value={composed.machine}
        onChange={(event) => onChange({ machine: choiceNamed(event.currentTarget.value) })}
        data={machines}
      />
      <CheckBox checked={composed.listens} onChange={(listens) => onChange({ listens })}>
        Listen to keys: 9 puts the number on the do-not-call list, every other key is counted
      </CheckBox>
      {composed.listens && (
        <div className={classes.keys} role="group" aria-label="Keys">
          {composed.keys.map((row, index) => (
            <div key={index} className={classes.key}>
              <TextInput
                label="Key"
                maxLength={1}
                value={row.key}
                error={row.key === '9' ? 'Opts out' : undefined}
                onChange={(event) => change(index, { key: event.currentTarget.value })}
              />
              <TextInput
                label="Means"
                value={row.label}
                onChange={(event) => change(index, { label: event.currentTarget.value })}
              />
              <KeyTarget value={row.transferTo} onChange={(transferTo) => change(index, { transferTo })} />
              <ActionIcon
                variant="default"
                size={36}
                aria-label={`Take key ${row.key || index + 1} away`}
                onClick={() => onChange({ keys: composed.keys.filter((_, place) => place !== index) })}
              >
                <IconX size={16} aria-hidden />
              </ActionIcon>
            </div>
          ))}
          <div>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() =>
                onChange({
                  keys: [...composed.keys, { key: nextKey(composed.keys), label: '', transferTo: null }],
                })
              }
            >
              Name a key
            </Button>
          </div>
          <p className={classes.aside}>Say in the message which key means what, and that 9 ends it.</p>
        </div>
      )}
      <CheckBox checked={composed.record} onChange={(record) => onChange({ record })}>
        Record the calls
      </CheckBox>
    </div>
  )
}

function choiceNamed(word: string): MachineChoice {
  return machines.find((one) => one.value === word)?.value ?? 'ignore'
}

function nextKey(rows: readonly KeyRow[]): string {
  return [...'12345678'].find((key) => !rows.some((row) => row.key === key)) ?? ''
}
