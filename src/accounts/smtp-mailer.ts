import { createTransport } from 'nodemailer'
import type { Mailer, MailOutcome } from './mail.ts'

const timeoutMs = 20_000

/** Sends through the server of SMTP_URL (smtp:// or smtps://, with user and password when it wants them). */
export function createSmtpMailer(smtpUrl: string, from: string): Mailer {
  const transport = createTransport(
    { url: smtpUrl, connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    { from },
  )
  return {
    async send({ to, subject, body, calendar }): Promise<MailOutcome> {
      try {
        await transport.sendMail({
          to,
          subject,
          text: body,
          ...(calendar === null
            ? {}
            : { icalEvent: { method: 'PUBLISH', filename: 'call.ics', content: calendar } }),
        })
        return { sent: true }
      } catch (error) {
        return { sent: false, when: isRefusal(error) ? 'never' : 'later', reason: reasonOf(error) }
      }
    },
    close: () => transport.close(),
  }
}

/** The server's own permanent no: an answer of 5xx. Everything else, wrong credentials included, may be mended. */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0
  return code >= 500 && code < 600 && code !== 530 && code !== 535
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300)
}
