/** Sends the mail of the outbox. Each is tried until the server takes it, refuses it, or a day has passed. */
import type { Clock } from '../clock.ts'
import { createLoop } from '../db/loop.ts'
import type { Sql } from '../db/sql.ts'
import type { Log } from '../log.ts'
import type { Mailer } from './mail.ts'
import { mailChannel, settleMail, takeMail, type MailChange, type StoredMail } from './outbox-store.ts'

export type MailLoop = { start(): Promise<void>; stop(): Promise<void>; runOnce(): Promise<number> }

const everyMs = 2_000
const perTurn = 10
/** 30 s, a minute, two … at most an hour apart: about a day in all. */
const mostAttempts = 30

/** `mailer` null: there is no SMTP server, so mail is kept for the outbox page and nothing leaves. */
export function createMailLoop(deps: { sql: Sql; clock: Clock; log: Log; mailer: Mailer | null }): MailLoop {
  let unlisten: (() => Promise<void>) | null = null
  const loop = createLoop({
    name: 'sending mail',
    log: deps.log,
    turn: async () => ((await runOnce()) === perTurn ? 0 : everyMs),
  })

  /** Sends what is due and returns how many mails were taken up. */
  async function runOnce(): Promise<number> {
    const taken = await takeMail(deps.sql, perTurn)
    await Promise.all(
      taken.map(async (mail) => {
        const change = await tried(mail)
        if (change.state === 'failed')
          deps.log.warn({ mailId: mail.id, reason: change.reason }, 'mail not sent')
        await settleMail(deps.sql, mail, change, deps.clock.now())
      }),
    )
    return taken.length
  }

  async function tried(mail: StoredMail): Promise<MailChange> {
    if (deps.mailer === null) return { state: 'kept' }
    const outcome = await deps.mailer.send(mail)
    if (outcome.sent) return { state: 'sent' }
    const { reason } = outcome
    if (outcome.when === 'never' || mail.attempts >= mostAttempts) return { state: 'failed', reason }
    return { state: 'waiting', reason, afterSeconds: Math.min(3_600, 30 * 2 ** (mail.attempts - 1)) }
  }

  return {
    runOnce,
    async start() {
      unlisten = (await deps.sql.listen(mailChannel, loop.wake)).unlisten
      loop.start()
    },
    async stop() {
      await loop.stop()
      await unlisten?.().catch(() => {})
    },
  }
}
