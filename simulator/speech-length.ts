/** How many characters the simulated voice speaks in one second. */
export const CHARACTERS_PER_SECOND = 15

/**
 * How long the simulated carrier takes to speak a text, in seconds: one second for every 15 characters
 * (white space squeezed to single spaces), in tenths of a second, and never less than one second.
 * The formula is public so that a forecast can use the very same figure.
 */
export function speechSeconds(text: string): number {
  const characters = [...text.trim().replace(/\s+/g, ' ')].length
  return Math.max(1, Math.ceil((characters * 10) / CHARACTERS_PER_SECOND) / 10)
}
