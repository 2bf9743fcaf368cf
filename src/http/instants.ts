/** How instants are written; the families differ and their clients compare text. All in UTC. */

/** No fraction when it is zero, else six digits: `2026-11-20T10:00:00Z`, `2026-11-20T10:00:00.250000Z`. */
export function instantText(at: Date): string {
  return at.getUTCMilliseconds() === 0 ? wholeSecondsText(at) : sixDecimalsText(at)
}

/** Always six decimals: call requests and heroes. */
export function sixDecimalsText(at: Date): string {
  return at.toISOString().replace('Z', '000Z')
}

/** Always whole seconds, cut off: call plans, the dashboard and the intake. */
export function wholeSecondsText(at: Date): string {
  return at.toISOString().replace(/\.\d{3}Z$/, 'Z')
}
