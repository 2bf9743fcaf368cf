/** Cells and lines of tables that a spreadsheet shows and never runs. Pure. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`
}

/** A text as a spreadsheet may hold it: what it would take for a formula gets a mark in front. */
export function inert(text: string): string {
  // A phone number is a number and stays one.
  return /^[\s\0]*[=+\-@＝＋－＠|%]/.test(text) && !plainNumber.test(text) ? `'${text}` : text
}

const plainNumber = /^[+-]?\d+([.,]\d+)?$/

function cell(value: unknown): string {
  const text = inert(value === null || value === undefined ? '' : String(value))
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}
