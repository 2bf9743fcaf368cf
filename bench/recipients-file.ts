import { createWriteStream } from 'node:fs'
import { once } from 'node:events'

/**
 * Writes a list of people as they come: half of the numbers local, the others foreign and punctuated; a hundredth
 * unreadable and a hundredth there twice. Returns how many numbers are left without the doubles.
 */
export async function writeRecipients(path: string, rows: number): Promise<number> {
  const file = createWriteStream(path)
  file.write('phone,name,age\n')
  let text = ''
  let doubles = 0
  for (let index = 0; index < rows; index++) {
    const isDouble = index % 100 === 99
    if (isDouble) doubles += 1
    text += `${numberAt(isDouble ? index - 99 : index)},${nameAt(index)},${18 + (index % 60)}\n`
    if (text.length < 1_000_000) continue
    if (!file.write(text)) await once(file, 'drain')
    text = ''
  }
  file.end(text)
  await once(file, 'finish')
  return rows - doubles
}

function numberAt(index: number): string {
  const seven = String(index).padStart(7, '0')
  switch (index % 100 === 50 ? -1 : index % 10) {
    case -1:
      return `none-${index}`
    case 5:
    case 6:
      return `+97798${40 + (index % 7)}${seven.slice(1)}`
    case 7:
      return `+1 (415) ${2 + Math.floor((index % 8_000_000) / 1_000_000)}${seven.slice(1, 3)}-${seven.slice(3)}`
    case 8:
      return `+4479${seven}0`
    default:
      return `98${40 + (index % 7)}${seven.slice(1)}`
  }
}

function nameAt(index: number): string {
  return index % 7 === 0 ? `"Doe, ""J"" ${index}"` : `Customer ${index}`
}
