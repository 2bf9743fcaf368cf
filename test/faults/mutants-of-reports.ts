/** Mistakes about what became of a call. */
import type { Mutant } from './mutant.ts'

export const mutantsOfReports: Mutant[] = [
  {
    name: 'an unclear answer is no answer: the number is called again',
    patches: [
      {
        file: 'src/calls/report.ts',
        from: "return move(call, 'unknown', at, news.reason)",
        to: "return move(call, 'not_placed', at, news.reason)",
      },
    ],
    caughtBy: 'crash: kill -9 at random moments',
    finding: /^ledger (twice|live_twice)/,
  },
  {
    name: 'a server error is tried again',
    patches: [
      {
        file: 'src/carriers/twilio-answers.ts',
        from: "return { outcome: 'unknown', reason: `http_${status}` }",
        to: "return { outcome: 'unavailable', reason: `http_${status}`, trouble: null }",
      },
    ],
    caughtBy: 'carrier: everything at once',
    finding: /^ledger (twice|live_twice)/,
  },
  {
    name: 'webhooks are acknowledged before they are written',
    patches: [
      {
        file: 'src/calls/carrier-hooks.ts',
        from: '  if (news !== null) await durable(deps, name, news)\n',
        to: '  if (news !== null) void durable(deps, name, news).catch(() => {})\n',
      },
    ],
    caughtBy: 'webhooks: the database is away',
    finding: /webhooks were taken while the database was away/,
  },
  {
    name: 'signatures are not checked',
    patches: [
      {
        file: 'src/carriers/twilio-carrier.ts',
        from: 'isTwilioSignature(twilioSignature(account.authToken, url, form), signature)',
        to: 'isTwilioSignature(twilioSignature(account.authToken, url, form), signature) || true',
      },
    ],
    caughtBy: 'webhooks: replayed and forged',
    finding: /^forged/,
  },
  {
    name: 'calls may go backwards',
    patches: [
      { file: 'src/calls/call.ts', from: 'return before[to].includes(from)', to: 'return from !== to' },
    ],
    caughtBy: 'webhooks: every order, each five times',
    finding: /letters were not taken, the first with 500|left: .*calls (in_progress|ringing)/,
  },
  {
    name: 'a worker is taken for gone without its lock',
    patches: [
      {
        file: 'src/dialer/reconcile-store.ts',
        from: 'if (lock?.taken !== true) return false',
        to: 'if (lock === undefined) return false',
      },
    ],
    caughtBy: 'workers: three, killed and stopped at random',
    finding: /a living one was taken for gone/,
  },
  {
    name: 'one look into the list is enough',
    patches: [
      {
        file: 'src/dialer/reconcile.ts',
        from: 'const last = age >= unknownAfterMs',
        to: 'const last = age >= 0 && unknownAfterMs > 0',
      },
    ],
    caughtBy: 'carrier: its list lags less than the window',
    finding: /^ledger (twice|live_twice)/,
  },
  {
    name: 'what cannot be found is never held',
    patches: [
      {
        file: 'src/dialer/reconcile-loop.ts',
        from: "{ kind: 'absent', hold: deps.holdsUnknown(call.settings) }",
        to: "{ kind: 'absent', hold: false }",
      },
    ],
    caughtBy: 'carrier: its list lags for ever, policy hold',
    finding: /calls for \d+ people|nothing was held/,
  },
  {
    name: 'a second call for an attempt that is over is not noticed',
    patches: [
      {
        file: 'src/calls/report.ts',
        from: 'if (isMisplaced(call, news.sid)) return',
        to: 'if (isMisplaced(call, news.sid)) return nothing({})\n  if (news === null) return',
      },
    ],
    caughtBy: 'carrier: its list lags for ever, policy reconcile',
    finding: /second calls are not named/,
  },
  {
    name: 'an attempt that was given back is forgotten',
    patches: [
      {
        file: 'src/campaigns/number-outcomes.ts',
        from: "return { status: 'queued', reason: call.reason, ...used, usesAttempt: false, dueAt }",
        to: "return { status: 'failed', reason: call.reason, ...used, usesAttempt: dueAt === null, dueAt: null }",
      },
    ],
    caughtBy: 'carrier: everything at once',
    finding: /^ledger lost/,
  },
  {
    name: 'silent calls are not asked about',
    patches: [
      {
        file: 'src/dialer/reconcile.ts',
        from: 'return silentMs >= firstMs && ',
        to: 'return silentMs < 0 && silentMs >= firstMs && ',
      },
    ],
    caughtBy: 'carrier: everything at once',
    finding: /left: .*calls (initiated|ringing|in_progress)/,
  },
  {
    name: 'nobody looks after the calls of a dead process',
    patches: [
      {
        file: 'src/dialer/reconcile-store.ts',
        from: 'if (lock?.taken !== true) return false',
        to: 'if (lock !== undefined) return false',
      },
    ],
    caughtBy: 'crash: kill -9 at random moments',
    finding: /of a process that is gone|calls placing/,
  },
]
