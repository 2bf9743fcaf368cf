import { useRef, type ReactNode } from 'react'
import { Button } from '@mantine/core'

/** A button that asks for a file. */
export function FileButton(props: {
  label: string
  accept: string
  busy: boolean
  icon?: ReactNode
  filled?: boolean
  onFile: (file: File) => void
}) {
  const field = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        variant={props.filled ? 'filled' : 'default'}
        loading={props.busy}
        leftSection={props.icon}
        onClick={() => field.current?.click()}
      >
        {props.label}
      </Button>
      <input
        ref={field}
        type="file"
        hidden
        aria-label={props.label}
        accept={props.accept}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0]
          if (file) props.onFile(file)
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
