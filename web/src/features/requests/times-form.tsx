import { useState } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, TextInput } from '@mantine/core'
import { problemOf } from '../../lib/api-error.ts'
import { dateIn, instantAt, timeIn } from '../../lib/local-date.ts'
import { productNow } from '../../lib/product-time.ts'
import type { CallRequestDetail, Times } from '../../lib/request-types.ts'
import { placeWords } from '../../lib/zone-words.ts'
import { Fault } from '../../ui/fault.tsx'
import { BothClocks } from './both-clocks.tsx'
import * as moves from './move-request.ts'
import { requestsKey } from './read-requests.ts'
import { meOf, nameOf, otherOf, timesOf } from './request.ts'
import classes from './requests.module.css'

const names = ['time_one', 'time_two', 'time_three'] as const
const labels = ['First choice', 'Second choice (optional)', 'Third choice (optional)']
const quarterMs = 15 * 60_000
const leadMs = 30 * 60_000

/** Suggests up to three times. What is typed is in the own zone, and echoed on both clocks before it is sent. */
export function TimesForm(props: { request: CallRequestDetail; accepts: boolean; onSent: () => void }) {
  const { request, accepts, onSent } = props
  const client = useQueryClient()
  const [me, other] = [meOf(request), otherOf(request)]
  const [given, setGiven] = useState(['', '', ''])
  const instants = given.map((local) => toInstant(local, me.timezone))
  const sending = useMutation({
    mutationFn: () => {
      const times = Object.fromEntries(
        names.flatMap((name, index) => (instants[index] === null ? [] : [[name, instants[index]]])),
      ) as Times
      return accepts ? moves.accept(request.id, times) : moves.proposeTimes(request.id, times)
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: requestsKey })
      onSent()
    },
  })
  const problem = sending.isError ? problemOf(sending.error) : null
  const isTold = names.some((name) => problem?.fields?.[name] !== undefined)
  const earliest = Math.ceil((productNow() + leadMs) / quarterMs) * quarterMs
  const min = `${dateIn(earliest, me.timezone)}T${timeIn(earliest, me.timezone).slice(0, 5)}`
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        sending.mutate()
      }}
    >
      <p className={classes.quiet}>
        In your time ({placeWords(earliest, me.timezone)}), on a quarter hour, at least 30 minutes ahead.
      </p>
      {names.map((name, index) => (
        <div key={name}>
          <TextInput
            type="datetime-local"
            step={900}
            min={min}
            label={labels[index]}
            required={index === 0}
            value={given[index] ?? ''}
            error={problem?.fields?.[name] ?? reasonAgainst(instants[index] ?? null, request)}
            onChange={(event) => {
              const { value } = event.currentTarget
              setGiven((old) => old.map((one, place) => (place === index ? value : one)))
            }}
          />
          {instants[index] !== null && instants[index] !== undefined && (
            <BothClocks
              iso={instants[index]}
              mine={me.timezone}
              theirs={other.timezone}
              name={other.first_name || nameOf(other)}
              now={productNow()}
            />
          )}
        </div>
      ))}
      {problem && !isTold && <Fault error={sending.error} title="The times were not sent." />}
      <Button type="submit" loading={sending.isPending} disabled={instants[0] === null}>
        {accepts ? 'Accept with these times' : 'Suggest these times'}
      </Button>
    </form>
  )
}

/** Why a time cannot be suggested, before the server has to say it. */
function reasonAgainst(instant: string | null, request: CallRequestDetail): string | undefined {
  if (instant === null) return undefined
  const at = Date.parse(instant)
  if (at % quarterMs !== 0) return 'Choose a quarter hour: 00, 15, 30 or 45.'
  if (at - productNow() < leadMs) return 'At least 30 minutes ahead, please.'
  const round = request.times.findIndex((one) => timesOf(one).some((time) => Date.parse(time) === at))
  return round === -1 ? undefined : `Already suggested in round ${round + 1}.`
}

function toInstant(local: string, zone: string): string | null {
  const [date, time] = local.split('T')
  return date && time && /^\d{4}-\d{2}-\d{2}$/.test(date)
    ? instantAt(date, time.slice(0, 5) + ':00', zone)
    : null
}
