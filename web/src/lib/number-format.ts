const counts = new Intl.NumberFormat('en')

/** 48210 → "48,210" */
export function formatCount(count: number): string {
  return counts.format(count)
}

/** "1 number", "2 numbers" */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** The share of a whole in percent, never 100 before it is whole and never 0 once something is there. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0 %'
  if (part >= whole) return '100 %'
  return `${Math.min(99, Math.max(1, Math.round((100 * part) / whole)))} %`
}
