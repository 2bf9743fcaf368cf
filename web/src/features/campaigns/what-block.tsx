import { useQuery } from '@tanstack/react-query'
import { Panel } from '../../ui/page.tsx'
import type { Composition } from './composition.ts'
import { KeyFields } from './key-fields.tsx'
import { MessageField } from './message-field.tsx'
import { SoundChoice } from './sound-choice.tsx'
import { textSize } from './text-size.ts'
import { VoiceChoice } from './voice-choice.tsx'
import { voicesQuery } from './voices.ts'
import { formatCount, plural } from '../../lib/number-format.ts'
import classes from './composer.module.css'

interface WhatBlockProps {
  composed: Composition
  onChange: (change: Partial<Composition>) => void
  /** Null while the columns of the list are not known yet. */
  tags: readonly string[] | null
}

/** What they get: words, a voice and a sound for a call; words alone for a text. */
export function WhatBlock({ composed, onChange, tags }: WhatBlockProps) {
  const isText = composed.service === 'SMS'
  const voices = useQuery(voicesQuery).data ?? []
  return (
    <Panel title="2 · What">
      <MessageField
        value={composed.message}
        onChange={(message) => onChange({ message })}
        tags={tags}
        description={
          isText
            ? 'A word in braces is filled in for each person: {tags_name}, or {tags_name|friend} for those without one.'
            : 'Spoken to everyone who answers. {tags_name|friend} is filled in for each person.'
        }
      />
      {isText ? (
        <TextMeter message={composed.message} />
      ) : (
        <>
          <VoiceChoice
            voices={voices}
            value={composed.voice}
            message={composed.message}
            onChange={(voice) => onChange({ voice })}
          />
          <SoundChoice
            value={composed.soundId}
            first={composed.soundFirst}
            hasMessage={composed.message.trim() !== ''}
            onChange={onChange}
          />
          <details className={classes.more}>
            <summary>Machines, keys, recording</summary>
            <KeyFields composed={composed} onChange={onChange} />
          </details>
        </>
      )}
    </Panel>
  )
}

function TextMeter({ message }: { message: string }) {
  const { encoding, units, segments, room } = textSize(message)
  return (
    <p className={classes.aside} role="status">
      <span className="numerals">
        {formatCount(units)} of {formatCount(room)}
      </span>{' '}
      · {plural(segments, 'segment')} · {encoding}
      {encoding === 'UCS-2' && ' (letters outside the short alphabet: 70 to a segment instead of 160)'}
    </p>
  )
}
