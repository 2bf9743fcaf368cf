/** Mail: what is sent, and the port through which it leaves. */

export type Mail = {
  to: string
  subject: string
  /** Plain text. */
  body: string
  /** An iCalendar file that goes with it. */
  calendar: string | null
}

/** What became of one try. `later`: the server may take it another time; `never`: it refused the mail or the address. */
export type MailOutcome = { sent: true } | { sent: false; when: 'later' | 'never'; reason: string }

export type Mailer = {
  /** Tries once. Never rejects. */
  send(mail: Mail): Promise<MailOutcome>
  close(): void
}
