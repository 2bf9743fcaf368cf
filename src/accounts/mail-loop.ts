/** Sends the mail of the outbox. Each is tried until the server takes it, refuses it, or a day has passed. */
import type { Clock } from '../clock.ts'
import { isConnectionFailure, type Sql } from '../db/sql.ts'
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
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()
  let stopping = false
  let unlisten: (() => Promise<void>) | null = null

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

  async function run(): Promise<void> {
    try {
      while (!stopping && (await runOnce()) === perTurn);
    } catch (error) {
      if (!isConnectionFailure(error)) deps.log.error({ err: error }, 'sending mail failed')
    }
  }

  function wake(): void {
    if (!stopping) running = running.then(run)
  }

  return {
    runOnce,
    async start() {
      unlisten = (await deps.sql.listen(mailChannel, wake)).unlisten
      timer = setInterval(wake, everyMs)
      wake()
    },
    async stop() {
      stopping = true
      if (timer) clearInterval(timer)
      await running
      await unlisten?.().catch(() => {})
    },
  }
}
