import { hkdfSync } from 'node:crypto'

/**
 * A key of 32 bytes for one purpose, derived from the installation's secret: who learns one learns no other.
 * Purposes in use are listed by searching for this function.
 */
export function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, 'trunkline', purpose, 32))
}
