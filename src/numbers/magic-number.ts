/** The numbers whose last two digits tell the simulated carrier what to do; no phone has them. Pure. */
export function isMagicNumber(e164: string): boolean {
  return /^\+1202555\d{4}$/.test(e164) && e164.startsWith('+120255501')
}
