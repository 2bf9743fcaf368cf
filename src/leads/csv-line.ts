/** One line of a CSV file that a spreadsheet shows and never runs. Pure. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`
}

function cell(value: unknown): string {
  const text = inert(value === null || value === undefined ? '' : String(value))
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}

const plainNumber = /^[+-]?\d+([.,]\d+)?$/

/** What a spreadsheet would take for a formula gets a mark in front; a phone number is a number and stays one. */
function inert(text: string): string {
  return /^[\s\0]*[=+\-@＝＋－＠|%]/.test(text) && !plainNumber.test(text) ? `'${text}` : text
}
