/**
 * How a text is cut into segments, which is how carriers count and charge. Pure.
 *
 * One segment holds 160 characters of the GSM alphabet or 70 of UCS-2; in a text of several, each gives up seven (three)
 * of them to the header that puts them together again. A character of the extension table takes two places, one beyond
 * the basic plane takes two units, and neither is ever cut in half.
 */

export type Segments = { encoding: 'GSM-7' | 'UCS-2'; segments: number; units: number }

/** The most a carrier takes in one request. Characters, whatever their encoding. */
export const longestBody = 1_600

const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
/** Reached through an escape: two places each. */
const extension = new Set('\f^{}\\[~]|€')

const limits = { 'GSM-7': { one: 160, many: 153 }, 'UCS-2': { one: 70, many: 67 } } as const

/** Encoding, units and segments of a body. An empty one is one segment. */
export function segmentsOf(body: string): Segments {
  const characters = [...body]
  const encoding = characters.every((one) => basic.has(one) || extension.has(one)) ? 'GSM-7' : 'UCS-2'
  const sizes = characters.map((one) => (encoding === 'GSM-7' ? (extension.has(one) ? 2 : 1) : one.length))
  const units = sizes.reduce((sum, size) => sum + size, 0)
  const { one, many } = limits[encoding]
  if (units <= one) return { encoding, segments: 1, units }
  let segments = 1
  let used = 0
  for (const size of sizes) {
    if (used + size > many) {
      segments += 1
      used = 0
    }
    used += size
  }
  return { encoding, segments, units }
}
