import { useEffect, useRef } from 'react'
import { useMutation } from '@tanstack/react-query'
import { Button, NativeSelect } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import type { Voice } from '../../lib/campaign-types.ts'
import { Fault } from '../../ui/fault.tsx'
import { speak } from './voices.ts'
import classes from './composer.module.css'

const languages: Record<string, string> = { 'ne-NP': 'Nepali', 'en-US': 'English' }
const samples: Record<string, string> = {
  'ne-NP': 'नमस्ते, यो मेरो आवाज हो।',
  'en-US': 'Hello, this is my voice.',
}

interface VoiceChoiceProps {
  voices: readonly Voice[]
  value: string
  /** What is said to try the voice; a sentence of its own when there is none. */
  message: string
  onChange: (voice: string) => void
}

/** A voice, and what it sounds like. */
export function VoiceChoice({ voices, value, message, onChange }: VoiceChoiceProps) {
  const player = useRef<HTMLAudioElement>(null)
  const voice = voices.find((one) => one.name === value)
  const trying = useMutation({
    mutationFn: () => {
      const sample = samples[voice?.language ?? ''] ?? samples['en-US'] ?? ''
      return speak(spokenSample(message) || sample, value)
    },
  })
  const url = trying.data
  useEffect(() => {
    // A browser may refuse to play what nobody clicked for; then the controls are there.
    if (url !== undefined) player.current?.play().catch(() => undefined)
  }, [url])

  return (
    <div className={classes.stack}>
      <div className={classes.fields}>
        <NativeSelect
          label="Voice"
          value={value}
          onChange={(event) => {
            trying.reset()
            onChange(event.currentTarget.value)
          }}
          data={
            voices.length === 0
              ? [{ value, label: value }]
              : voices.map(({ name, language, gender }) => ({
                  value: name,
                  label: `${name} (${languages[language] ?? language}, ${gender})`,
                }))
          }
        />
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={trying.isPending}
          onClick={() => trying.mutate()}
        >
          Listen
        </Button>
        {url !== undefined && (
          <audio ref={player} src={url} controls aria-label={`The message in the voice ${value}`} />
        )}
      </div>
      {trying.isError && <Fault error={trying.error} title="The voice could not be heard." />}
    </div>
  )
}

/** The beginning of the message, with the fallbacks or names of its tags. */
function spokenSample(message: string): string {
  return message
    .replace(/\{([\p{L}\p{M}\p{N}_]+)(?:\|([^{}]*))?\}/gu, (_, tag: string, fallback?: string) =>
      fallback === undefined ? tag.replace(/^tags_/, '').replace(/_/g, ' ') : fallback,
    )
    .trim()
    .slice(0, 1_000)
}
