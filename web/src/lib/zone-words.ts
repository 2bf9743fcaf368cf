/** An instant in the words of a place. Pure. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** "Mon 25 Dec 2017". */
export function dayWords(iso: string | number, zone: string): string {
  const parts = partsOf(iso, zone)
  return `${parts['weekday']} ${parts['day']} ${parts['month']} ${parts['year']}`
}

/** "11:45". */
export function clockWords(iso: string | number, zone: string): string {
  const parts = partsOf(iso, zone)
  return `${parts['hour']}:${parts['minute']}`
}

/** "Kathmandu, UTC+05:45": the offset is that of the moment, summer time included. */
export function placeWords(iso: string | number, zone: string): string {
  if (zone === 'UTC') return 'UTC'
  const city = zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone
  return `${city}, UTC${offsetOf(iso, zone)}`
}

/** How many calendar days `zone` is ahead of `other` at this moment. */
export function dayDifference(iso: string | number, zone: string, other: string): number {
  return Math.round((midnightOf(iso, zone) - midnightOf(iso, other)) / 86_400_000)
}

/** True when the clocks of the place are changed between the two moments. */
export function clocksChange(from: string | number, to: string | number, zone: string): boolean {
  return offsetOf(from, zone) !== offsetOf(to, zone)
}

/** "+05:45". */
function offsetOf(iso: string | number, zone: string): string {
  const name = partsOf(iso, zone)['timeZoneName'] ?? ''
  return name === 'GMT' ? '+00:00' : name.replace('GMT', '')
}

function midnightOf(iso: string | number, zone: string): number {
  const { day, month, year } = partsOf(iso, zone)
  return Date.parse(`${day} ${month} ${year} UTC`)
}

function partsOf(iso: string | number, zone: string): Record<string, string> {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'longOffset',
    })
    formats.set(zone, format)
  }
  const parts = format.formatToParts(typeof iso === 'number' ? iso : Date.parse(iso))
  return Object.fromEntries(parts.map((part) => [part.type, part.value]))
}
