import { expect, test } from 'vitest'
import {
  isFinalText,
  isLiveText,
  isOpenText,
  isUndecidedText,
  mayMoveText,
  textStates,
  textStatus,
} from './text.ts'

test('a text is waiting, live or final, and open texts are live', () => {
  for (const state of textStates) {
    const kinds = [state === 'queued', isLiveText(state), isFinalText(state)].filter(Boolean)
    expect(kinds).toHaveLength(1)
    expect(!isOpenText(state) || isLiveText(state)).toBe(true)
    expect(textStatus[state]).toBeDefined()
  }
})

test('a text only moves forward, and nothing leaves an end but what the carrier decides', () => {
  const moves = textStates.flatMap((from) =>
    textStates.filter((to) => mayMoveText(from, to)).map((to) => ({ from, to })),
  )
  expect(moves.filter(({ from, to }) => mayMoveText(to, from))).toEqual([])
  const ends = moves.filter(({ from }) => isFinalText(from) && !isUndecidedText(from))
  expect(ends).toEqual([])
})
