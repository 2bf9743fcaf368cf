/** Why a number cannot be bought or released, in words for people. */
import { AppError } from '../errors.ts'
import type { PhoneNumber } from './owned-number.ts'

export function carrierAway(retryAfterMs: number | null = null): AppError {
  const retryAfterSeconds = Math.ceil((retryAfterMs ?? 5_000) / 1_000)
  const sentence = 'The carrier cannot be asked for its numbers right now. Try again.'
  return new AppError('unavailable', 'carrier_unavailable', sentence, { retryAfterSeconds })
}

export function taken(number: string): AppError {
  return new AppError('conflict', 'number_taken', `${number} was taken meanwhile. Choose another one.`)
}

export function ownedAlready(number: PhoneNumber): AppError {
  const sentence =
    number.state === 'buying'
      ? `${number.number} is being bought already.`
      : `${number.number} is one of your numbers already.`
  return new AppError(
    'conflict',
    number.state === 'buying' ? 'number_being_bought' : 'number_owned',
    sentence,
  )
}

export function notOwned(number: string, isBeingBought: boolean): AppError {
  if (isBeingBought) {
    const sentence = `${number} is still being bought. Try again in a moment.`
    return new AppError('conflict', 'number_being_bought', sentence, { retryAfterSeconds: 5 })
  }
  return new AppError('conflict', 'number_not_owned', `${number} is available, but not one of your numbers.`)
}

export function inUse(number: string, user: string): AppError {
  return new AppError('conflict', 'number_in_use', `${number} cannot be released: ${user}.`)
}

export function refused(number: string): AppError {
  const sentence = `The carrier does not sell ${number} to this account. Choose another one.`
  return new AppError('conflict', 'number_refused', sentence)
}

export function unclear(number: string): AppError {
  const sentence = `It is not clear yet whether ${number} was bought. It is found out; your numbers will show it.`
  return new AppError('unavailable', 'purchase_unclear', sentence, { retryAfterSeconds: 5 })
}

export function stillReleasing(number: string): AppError {
  const sentence = `The carrier did not answer. ${number} is released as soon as it does.`
  return new AppError('unavailable', 'carrier_unavailable', sentence, { retryAfterSeconds: 5 })
}
