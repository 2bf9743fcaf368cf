/** Mistakes about whom to call, and when. */
import type { Mutant } from './mutant.ts'

export const mutantsOfDialing: Mutant[] = [
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
        to: 'if (circumstances.onDoNotCallList && circumstances.contacts.perDay > 99) return',
      },
    ],
    caughtBy: 'rules: hours, do-not-call, other workspaces',
    finding: /people on the do-not-call list were called/,
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
