import { useEffect, useRef } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { dial, readDialed } from './change-plan.ts'
import { plansKey } from './read-today.ts'

const askEveryMs = 1_000
const open = ['queued', 'placing', 'unknown', 'initiated', 'ringing', 'in_progress']

/** A call that is dialed from here, and how it stands. */
export function useDialing(planId: number) {
  const client = useQueryClient()
  const dialing = useMutation({ mutationFn: () => dial(planId) })
  const callId = dialing.data?.call_id
  const call = useQuery({
    queryKey: ['calls', 'dialed', callId],
    queryFn: () => readDialed(callId ?? ''),
    enabled: callId !== undefined,
    // An agent's stream does not tell about calls, so it is asked while there is something to learn.
    refetchInterval: ({ state }) => (isOpen(state.data?.state ?? state.data?.status) ? askEveryMs : false),
  })
  const state = call.data?.state ?? dialing.data?.state
  const going = callId !== undefined && isOpen(state)
  const was = useRef(going)
  useEffect(() => {
    // It has recorded itself by now.
    if (was.current && !going) void client.invalidateQueries({ queryKey: plansKey })
    was.current = going
  }, [client, going])
  return { start: dialing.mutate, busy: dialing.isPending, error: dialing.error, state, going }
}

function isOpen(state: string | undefined): boolean {
  return state === undefined || open.includes(state)
}
