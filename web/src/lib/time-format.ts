const formats = new Map<string, Intl.DateTimeFormat>()

/** "14:02:10" in the zone; with the day before it when that is not today. */
export function formatClock(iso: string, zone: string, now: number): string {
  const at = Date.parse(iso)
  const time = format('time', zone).format(at)
  return dayKey(at, zone) === dayKey(now, zone) ? time : `${format('day', zone).format(at)} ${time}`
}

/** The whole instant in words with its zone, for tooltips and screen readers. */
export function formatInstant(iso: string, zone: string): string {
  return format('full', zone).format(Date.parse(iso))
}

/** Seconds talked: "0:07", "12:40", "1:02:03". */
export function formatTalk(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const tail = String(whole % 60).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${tail}`
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${tail}`
}

/** A span that someone waits for: "9 s", "3 min 28 s", "2 h 05 min", "3 days". */
export function formatSpan(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.round(minutes / 1440)} days`
}

const options: Record<'time' | 'day' | 'full' | 'key', Intl.DateTimeFormatOptions> = {
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
  full: { dateStyle: 'full', timeStyle: 'long' },
  key: { year: 'numeric', month: '2-digit', day: '2-digit' },
}

function dayKey(at: number, zone: string): string {
  return format('key', zone).format(at)
}

/** Making a format costs far more than using one, and lists of calls use thousands. */
function format(kind: keyof typeof options, zone: string): Intl.DateTimeFormat {
  const key = `${kind} ${zone}`
  let made = formats.get(key)
  if (made === undefined) {
    made = new Intl.DateTimeFormat('en-GB', { ...options[kind], timeZone: zone })
    formats.set(key, made)
  }
  return made
}
