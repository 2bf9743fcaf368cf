/** Dates on the calendar of a zone. Pure. */

/** The instant of a local date and time ("2026-11-24", "10:00") in a zone. */
export function instantAt(date: string, time: string, zone: string): string {
  const local = Date.parse(`${date}T${time}Z`)
  const first = local - offsetAt(local, zone)
  // The offset may be another one on the other side of a change of the clocks.
  return new Date(local - offsetAt(first, zone)).toISOString().replace('.000Z', 'Z')
}

/** "2026-11-24" of an instant in a zone, some days later. */
export function dateIn(ms: number, zone: string, days = 0): string {
  const local = ms + offsetAt(ms, zone)
  return new Date(local + days * 86_400_000).toISOString().slice(0, 10)
}

/** "10:00:00" of an instant in a zone. */
export function timeIn(ms: number, zone: string): string {
  return new Date(ms + offsetAt(ms, zone)).toISOString().slice(11, 19)
}

/** Milliseconds a zone is ahead of UTC. */
function offsetAt(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(ms)
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  return local - Math.floor(ms / 1_000) * 1_000
}
