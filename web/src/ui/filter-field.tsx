import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useShortcuts } from './keyboard.ts'
import classes from './filter-field.module.css'

const settleMs = 250

/** A filter that is told when typing pauses. `/` goes to it, Escape leaves it. */
export function FilterField(props: { label: string; value: string; onChange: (value: string) => void }) {
  const { label, value, onChange } = props
  const [typed, setTyped] = useState(value)
  const [seen, setSeen] = useState(value)
  const [sent, setSent] = useState(value)
  const field = useRef<HTMLInputElement>(null)
  const tell = useEffectEvent((text: string) => {
    setSent(text)
    onChange(text)
  })

  // The URL may change by other means: a link, the back button. What was typed since is not thrown away by an echo.
  if (value !== seen) {
    setSeen(value)
    if (value !== sent) {
      setSent(value)
      setTyped(value)
    }
  }

  useEffect(() => {
    if (typed.trim() === sent) return
    const timer = window.setTimeout(() => tell(typed.trim()), settleMs)
    return () => window.clearTimeout(timer)
  }, [typed, sent])

  useShortcuts('Lists', [{ keys: '/', label: 'Go to the filter', run: () => field.current?.focus() }])

  return (
    <TextInput
      ref={field}
      type="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur()
      }}
      leftSection={<IconSearch size={16} aria-hidden />}
      className={classes.field}
    />
  )
}
