import { Gauge, type Registry } from 'prom-client'
import type { Dialer } from './dialer.ts'

/** What an operator watches of a process that dials. */
export function measureDialer(registry: Registry, dialer: Pick<Dialer, 'writer' | 'loop' | 'worker'>): void {
  const figures: [name: string, help: string, read: () => number][] = [
    [
      'trunkline_report_backlog',
      'Reports about calls that wait to be written',
      () => dialer.writer.backlog(),
    ],
    ['trunkline_requests_in_flight', 'Requests to the carrier under way', () => dialer.loop.inFlight()],
    ['trunkline_worker', 'Id of the worker in force, 0 when none', () => dialer.worker.current() ?? 0],
  ]
  for (const [name, help, read] of figures) {
    const gauge: Gauge = new Gauge({ name, help, registers: [], collect: () => gauge.set(read()) })
    registry.registerMetric(gauge)
  }
}
