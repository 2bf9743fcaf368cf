/** How long a text is to a carrier. Pure; the server's own count, with the tags of each person filled in, decides. */

const short =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const escaped = '\f^{}\\[~]|€'
const limits = { 'GSM-7': { one: 160, many: 153 }, 'UCS-2': { one: 70, many: 67 } }

export interface TextSize {
  encoding: 'GSM-7' | 'UCS-2'
  units: number
  segments: number
  /** Units that fit into these segments. */
  room: number
}

/** Braces of tags are not counted as they are never sent; the words in them are, for want of better. */
export function textSize(message: string): TextSize {
  const sent = message.replace(/\{([\p{L}\p{M}\p{N}_]+)(?:\|([^{}]*))?\}/gu, (_, tag: string) => tag)
  const characters = [...sent]
  const encoding = characters.every((one) => short.includes(one) || escaped.includes(one)) ? 'GSM-7' : 'UCS-2'
  const units = characters.reduce(
    (sum, one) => sum + (encoding === 'UCS-2' ? one.length : escaped.includes(one) ? 2 : 1),
    0,
  )
  const { one, many } = limits[encoding]
  if (units <= one) return { encoding, units, segments: 1, room: one }
  const segments = Math.ceil(units / many)
  return { encoding, units, segments, room: segments * many }
}
