import { pino, type Logger } from 'pino'

/** A structured logger: `log.info({ callId, state }, 'call moved')`. Fields, never sentences with values in them. */
export type Log = Logger

const secretNames = [
  'password',
  'authToken',
  'token',
  'secret',
  'secretKey',
  'apiKey',
  'authorization',
  'cookie',
]

/** Writes one JSON object per line to standard output. Secrets passed by mistake are replaced. */
export function createLog(options: { level: string }): Log {
  return pino({
    level: options.level,
    base: { pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.headers.${name}`]),
      censor: '[hidden]',
    },
  })
}

/** A log that writes nothing. */
export const silentLog: Log = createLog({ level: 'silent' })

/**
 * Hides the middle of a phone number: `+9779843812344` becomes `+97798******44`. The beginning names the
 * country and network and the last two digits tell neighbours apart; short numbers keep only those two.
 */
export function maskNumber(number: string): string {
  const shownAtStart = number.length >= 11 ? 6 : 0
  const hidden = Math.max(number.length - shownAtStart - 2, 0)
  return number.slice(0, shownAtStart) + '*'.repeat(hidden) + number.slice(shownAtStart + hidden)
}
