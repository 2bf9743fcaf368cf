import { formatClock, formatInstant } from '../lib/time-format.ts'
import { productNow } from '../lib/product-time.ts'
import { useZone } from './zone.ts'

/** An instant as a short local time; in full for the pointer and for screen readers. */
export function ClockTime({ iso }: { iso: string }) {
  const zone = useZone()
  const full = formatInstant(iso, zone)
  return (
    <time dateTime={iso} title={full} className="numerals">
      {formatClock(iso, zone, productNow())}
    </time>
  )
}
