/** Who is called and texted: fictional numbers, each given once. */

const areas = [
  201, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231,
  234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 303, 304, 305,
  307, 308, 309, 310, 312, 313,
]
const linesOfArea = 9_000
let given = 0

/** Numbers that nobody else in this program was given. */
export function people(count: number): string[] {
  return Array.from({ length: count }, () => {
    const area = areas[Math.floor(given / linesOfArea) % areas.length] ?? 212
    const line = 5_550_000 + (given % linesOfArea)
    given += 1
    return `+1${area}${line}`
  })
}

/** Numbers of which no two begin alike but for their last four digits: codes to them share no limit. */
export function peopleApart(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const area = areas[index % areas.length] ?? 212
    return `+1${area}${600 + Math.floor(index / areas.length)}0142`
  })
}
