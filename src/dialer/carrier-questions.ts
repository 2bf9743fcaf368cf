/** Questions to the carrier that are worth asking only while it answers. */
import type { Log } from '../log.ts'
import { CarrierAway } from '../carriers/carrier.ts'

export type CarrierQuestions = {
  /** A new round: the carrier may be asked again. */
  begin(): void
  /** Asks, unless the carrier left too many questions of this round unanswered. */
  ask(question: () => Promise<void>): Promise<void>
}

/** After so many questions in a row without an answer the carrier is left alone until the next round. */
const mostSilentAnswers = 3

export function createCarrierQuestions(log: Log): CarrierQuestions {
  let silentAnswers = 0
  return {
    begin: () => void (silentAnswers = 0),
    async ask(question) {
      if (silentAnswers >= mostSilentAnswers) return
      try {
        await question()
        silentAnswers = 0
      } catch (error) {
        if (!(error instanceof CarrierAway)) throw error
        silentAnswers += 1
        log.warn({ reason: error.reason }, 'carrier could not be asked')
      }
    },
  }
}

/** Acts on every item, on `width` at a time. */
export async function atMost<Item>(
  width: number,
  items: readonly Item[],
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items]
  const lanes = Array.from({ length: Math.min(width, queue.length) }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await act(item)
  })
  await Promise.all(lanes)
}
