import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, NativeSelect, SegmentedControl } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { formatTalk } from '../../lib/time-format.ts'
import { Fault } from '../../ui/fault.tsx'
import type { Composition } from './composition.ts'
import { filesKey, filesQuery, isSound, uploadFile } from './files.ts'
import { FileButton } from './file-button.tsx'
import classes from './composer.module.css'

interface SoundChoiceProps {
  value: number | null
  first: boolean
  hasMessage: boolean
  onChange: (change: Partial<Composition>) => void
}

/** A sound of the library, or one that is uploaded now; with a message beside it, which of the two comes first. */
export function SoundChoice({ value, first, hasMessage, onChange }: SoundChoiceProps) {
  const client = useQueryClient()
  const sounds = (useQuery(filesQuery).data?.files ?? []).filter(isSound)
  const chosen = sounds.find((sound) => sound.id === value)
  const upload = useMutation({
    mutationFn: uploadFile,
    onSuccess: async (file) => {
      await client.invalidateQueries({ queryKey: filesKey })
      if (isSound(file)) onChange({ soundId: file.id })
    },
  })
  return (
    <div className={classes.stack}>
      <div className={classes.fields}>
        <NativeSelect
          label="Sound"
          value={value === null ? '' : String(value)}
          onChange={(event) => {
            const id = event.currentTarget.value
            onChange({ soundId: id === '' ? null : Number(id) })
          }}
          data={[
            { value: '', label: 'None' },
            ...(value !== null && chosen === undefined
              ? [{ value: String(value), label: `Sound ${value}` }]
              : []),
            ...sounds.map((sound) => ({
              value: String(sound.id),
              label: `${sound.name} (${formatTalk(sound.duration)})`,
            })),
          ]}
        />
        <FileButton
          label="Upload a sound"
          accept=".mp3,.wav,.ogg,audio/*"
          busy={upload.isPending}
          icon={<IconUpload size={16} aria-hidden />}
          onFile={(file) => upload.mutate(file)}
        />
        {value !== null && hasMessage && (
          <div>
            <p className={classes.label}>First comes</p>
            <SegmentedControl
              aria-label="First comes"
              value={first ? 'audio' : 'message'}
              onChange={(which) => onChange({ soundFirst: which === 'audio' })}
              data={[
                { value: 'message', label: 'the message' },
                { value: 'audio', label: 'the sound' },
              ]}
            />
          </div>
        )}
        {value !== null && (
          <Button variant="subtle" onClick={() => onChange({ soundId: null })}>
            No sound
          </Button>
        )}
      </div>
      {chosen && (
        <audio controls src={new URL(chosen.audio_url).pathname} aria-label={chosen.name} preload="none" />
      )}
      {upload.isError && <Fault error={upload.error} title="The sound was not taken." />}
      {upload.data && !isSound(upload.data) && (
        <p role="alert" className={classes.problem}>
          “{upload.data.name}” is no sound.
        </p>
      )}
    </div>
  )
}
