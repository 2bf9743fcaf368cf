/**
 * Servers that are wrong on purpose, in the bundle only: each mistake is one that a dialer is known to make, and the row
 * that is named has to find it. A row that finds nothing in them proves nothing.
 */
import type { Patch } from './program.ts'

export type Mutant = {
  name: string
  patches: Patch[]
  caughtBy: string
  /** What that row has to say: any other finding may come from a machine that is busy. */
  finding: RegExp
}

export const mutants: Mutant[] = [
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
    name: 'the request goes out before its intent is committed',
    patches: [
      {
        file: 'src/dialer/claim.ts',
        from: "  if (born.intents.length > 0) failpoint('claim.closed')\n",
        to: `  if (born.intents.length > 0) {
    ;(globalThis as any).sendEarly({ intents: born.intents.map((intent: any, index: number) => ({ ...intent, slotMs: index })), allowedMs: step.allowedMs - 40 })
    await new Promise((later) => setTimeout(later, 150))
    failpoint('claim.closed')
  }\n`,
      },
      {
        file: 'src/dialer/dial-loop.ts',
        from: 'const claimed = await claim(deps, {',
        to: ';(globalThis as any).sendEarly = (early: any) => send(early, workerId)\n    const claimed = await claim(deps, {',
      },
      { file: 'src/dialer/dial-loop.ts', from: '    send(claimed, workerId)\n', to: '' },
    ],
    caughtBy: 'crash: kill -9 at failpoints on the way out',
    finding: /^ledger orphan/,
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
    name: 'the do-not-call list of every workspace counts',
    patches: [
      {
        file: 'src/dialer/claim-store.ts',
        from: 'where d.workspace_id = asked.workspace_id and d.number = asked.number',
        to: 'where d.number = asked.number',
      },
    ],
    caughtBy: 'rules: hours, do-not-call, other workspaces',
    finding: /^ledger lost/,
  },
  {
    name: 'calling hours are not asked for',
    patches: [
      {
        file: 'src/dialer/eligibility.ts',
        from: 'if (!window.open)',
        to: 'if (!window.open && rules === null)',
      },
    ],
    caughtBy: 'rules: hours, do-not-call, other workspaces',
    finding: /called outside their hours/,
  },
  {
    name: 'nothing is asked again in the last moment before the write',
    patches: [
      {
        file: 'src/dialer/dial-loop.ts',
        from: 'const mayWrite = () => {',
        to: 'const mayWrite = () => {\n      if (intent) return true',
      },
    ],
    caughtBy: 'workers: a stop is obeyed by one that stood still',
    finding: /called \d+ ms after a stop/,
  },
  {
    name: 'the do-not-call list is not asked for',
    patches: [
      {
        file: 'src/dialer/eligibility.ts',
        from: 'if (circumstances.onDoNotCallList) return',
        to: 'if (circumstances.onDoNotCallList && circumstances.callsToday > 99) return',
      },
    ],
    caughtBy: 'rules: hours, do-not-call, other workspaces',
    finding: /people on the do-not-call list were called/,
  },
  {
    name: 'calls may go backwards',
    patches: [
      { file: 'src/calls/call.ts', from: 'return before[to].includes(from)', to: 'return from !== to' },
    ],
    caughtBy: 'webhooks: every order, each five times',
    finding: /left: .*calls (initiated|ringing|in_progress|unknown)/,
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
    name: 'each claim starts its own budget',
    patches: [
      {
        file: 'src/dialer/claim.ts',
        from: 'await claims.saveNextSlot(tx, deps.carrierAccountId, new Date(afterUse(slots, places.others)))',
        to: 'afterUse(slots, places.others)',
      },
    ],
    caughtBy: 'workers: three, killed and stopped at random',
    finding: /^ledger rate/,
  },
  {
    name: 'open calls are not counted',
    patches: [
      {
        file: 'src/dialer/claim.ts',
        from: 'const free = budget.maxConcurrent - [...open.values()].reduce((sum, count) => sum + count, 0)',
        to: 'const free = budget.maxConcurrent',
      },
    ],
    caughtBy: 'workers: three, killed and stopped at random',
    finding: /^ledger concurrency/,
  },
  {
    name: 'wrong credentials are tried on',
    patches: [
      {
        file: 'src/dialer/carrier-health.ts',
        from: 'return Math.min(5_000 * 2 ** Math.max(0, troubles - 1), 60_000)',
        to: 'return troubles * 0',
      },
    ],
    caughtBy: 'carrier: wrong credentials',
    finding: /the page says why|made in vain/,
  },
  {
    name: 'Retry-After is not read',
    patches: [
      {
        file: 'src/dialer/carrier-health.ts',
        from: 'return trouble.retryAfterMs ?? 1_000',
        to: 'return trouble.retryAfterMs === null ? 1_000 : 0',
      },
    ],
    caughtBy: 'carrier: 429',
    finding: /requests came before the time the carrier named/,
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
  {
    name: 'a paused run goes on',
    patches: [
      {
        file: 'src/dialer/claim-store.ts',
        from: "where r.state = 'running' and c.service = ${service}",
        to: "where r.state in ('running', 'paused') and c.service = ${service}",
      },
    ],
    caughtBy: 'workers: a stop is obeyed everywhere',
    finding: /called \d+ ms after a stop/,
  },
  {
    name: 'a schedule fires before its time',
    patches: [
      {
        file: 'src/dialer/run-store.ts',
        from: "where state = 'scheduled' and scheduled_for <= ${now}",
        to: "where state = 'scheduled' and scheduled_for <= ${new Date(now.getTime() + 5_000)}",
      },
    ],
    caughtBy: 'workers: a schedule fires once',
    finding: /fired \d+ ms before its time/,
  },
  {
    name: 'the cursor of an import stands still',
    patches: [
      {
        file: 'src/campaigns/import-job.ts',
        from: 'if (!(await advanceJob(tx, job, { done, state: next })))',
        to: 'if (!(await advanceJob(tx, job, { done: job.done, state: next })))',
      },
    ],
    caughtBy: 'crash: kill -9 at failpoints around a run',
    finding: /^an import of/,
  },
]
