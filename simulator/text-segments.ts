/** How many segments a text takes: 160 characters of the GSM alphabet, else 70 units; in several, 153 or 67 each. */
const GSM =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const GSM_DOUBLE = '\f^{}\\[~]|€'

export function segmentCount(body: string): number {
  const characters = [...body]
  const isGsm = characters.every((one) => GSM.includes(one) || GSM_DOUBLE.includes(one))
  const sizes = characters.map((one) => (isGsm ? (GSM_DOUBLE.includes(one) ? 2 : 1) : one.length))
  const whole = sizes.reduce((sum, size) => sum + size, 0)
  if (whole <= (isGsm ? 160 : 70)) return 1
  const room = isGsm ? 153 : 67
  let count = 1
  let used = 0
  for (const size of sizes) {
    if (used + size > room) {
      count += 1
      used = 0
    }
    used += size
  }
  return count
}
