/**
 * A keyed hash stands for the body of a text wherever bodies are compared: with the carrier's list, and among the open
 * ones. The row of a code can be found by it although the code is stored nowhere.
 */
import { createHmac } from 'node:crypto'
import { deriveKey } from '../http/derived-key.ts'

export type HashBody = (body: string) => Buffer

/** Hashes made with one secret are only comparable with each other. Carriers may change line ends and trailing space. */
export function createBodyHash(secretKey: string): HashBody {
  const key = deriveKey(secretKey, 'text bodies')
  return (body) => {
    const told = body.normalize('NFC').replaceAll('\r\n', '\n').trimEnd()
    return createHmac('sha256', key).update(told).digest().subarray(0, 16)
  }
}
