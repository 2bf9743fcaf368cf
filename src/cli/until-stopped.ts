import type { Log } from '../log.ts'

/** A stop that takes longer is ended by force; whatever it left is picked up at the next start. */
const stopWithinMs = 9_500

/**
 * Waits for SIGINT or SIGTERM, or until `ended` resolves, then stops and ends the process: 0 when everything was put
 * down in order. A second signal ends it at once.
 */
export async function untilStopped(
  stop: () => Promise<void>,
  ended: Promise<void>,
  log: Log,
): Promise<never> {
  const reason = await new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal))
    void ended.then(() => resolve('lost'))
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  log.info({ reason }, 'stopping')
  const forced = setTimeout(() => {
    log.error({ afterMs: stopWithinMs }, 'stop took too long')
    process.exit(1)
  }, stopWithinMs)
  forced.unref()
  await stop()
  process.exit(reason === 'lost' ? 1 : 0)
}
