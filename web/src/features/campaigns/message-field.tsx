import { useRef } from 'react'
import { Textarea } from '@mantine/core'
import { unknownTags } from './message.ts'
import classes from './message-field.module.css'

interface MessageFieldProps {
  value: string
  onChange: (message: string) => void
  /** Null while the columns of the list are not known yet. */
  tags: readonly string[] | null
  description: string
  error?: string | undefined
}

/** The message, with a button for each tag that the list offers. */
export function MessageField({ value, onChange, tags, description, error }: MessageFieldProps) {
  const field = useRef<HTMLTextAreaElement>(null)
  const unknown = tags === null ? [] : unknownTags(value, tags)
  const problem = unknown.length > 0 ? `No such tag in the list: ${unknown.join(', ')}` : undefined

  function insert(tag: string): void {
    const at = field.current?.selectionStart ?? value.length
    onChange(`${value.slice(0, at)}{${tag}}${value.slice(at)}`)
    field.current?.focus()
  }

  return (
    <div>
      <Textarea
        ref={field}
        label="Message"
        description={description}
        minRows={3}
        autosize
        maxRows={10}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error ?? problem}
      />
      {tags !== null && tags.length > 0 && (
        <div className={classes.tags} role="group" aria-label="Insert a tag">
          {tags.map((tag) => (
            <button key={tag} type="button" className={classes.tag} onClick={() => insert(tag)}>
              {`{${tag}}`}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
