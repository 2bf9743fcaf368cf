/** One row of the suite's table: something goes wrong, and at the end the judge says who was lost and who called twice. */
import { secretsIn } from '../canary.ts'
import type { Limits } from '../ledger-judge.ts'
import type { LedgerCall } from '../../simulator/ledger-calls.ts'
import type { Ground } from './ground.ts'
import { createRig, type Rig, type RigOptions } from './installation.ts'
import { judge, quiet } from './verdict.ts'

export type Figures = Record<string, string | number>
export type Outcome = { figures: Figures; findings: string[] }
export type Row = {
  name: string
  /** Only by hand: too long for the check of every change. */
  fullOnly?: boolean
  run: (ground: Ground) => Promise<Outcome>
}

export type Ending = {
  limits?: Limits
  /** How long the runs may take to come to their end after the row's work is done. */
  withinMs?: number
  /** What the row waits for instead: that every run is over, and no call or text under way. */
  settled?: (rig: Rig) => Promise<void>
  /** Findings that the row makes on purpose. */
  expected?: (finding: string) => boolean
  /** What the row wants to say about the ledger. */
  look?: (ledger: LedgerCall[], rig: Rig) => Promise<Figures> | Figures
}

/** Does `work` on a rig of its own, waits until all is quiet, and judges. Whatever goes wrong is a finding. */
export async function inRig(
  ground: Ground,
  options: RigOptions,
  work: (rig: Rig) => Promise<Figures>,
  ending: Ending = {},
): Promise<Outcome> {
  const startedMs = performance.now()
  const rig = await createRig(ground, options)
  const figures: Figures = {}
  try {
    try {
      Object.assign(figures, await work(rig))
      // By hand the machine may have other things to do: then only what happened counts, not how soon.
      const withinMs = (ending.withinMs ?? 90_000) * (ground.full ? 10 : 1)
      await (ending.settled?.(rig) ?? quiet(rig, withinMs))
    } catch (error) {
      rig.findings.push(error instanceof Error ? error.message : String(error))
    }
    const judged = await judge(rig, ending.limits).catch((error: Error) => ({
      ledger: [],
      findings: [`could not be judged: ${error.message}`],
    }))
    const kept = judged.findings.filter((finding) => ending.expected?.(finding) !== true)
    const count = (rule: RegExp): number => kept.filter((finding) => rule.test(finding)).length
    Object.assign(figures, await looked(ending, judged.ledger, rig), {
      calls: judged.ledger.length,
      lost: count(/^ledger (lost|phantom)/),
      doubled: count(/^ledger (twice|live_twice|orphan)/),
      seconds: Math.round((performance.now() - startedMs) / 1_000),
    })
    const findings = [...rig.findings, ...kept, ...spilled(rig)]
    if (findings.length > 0) findings.push(...lastWords(rig))
    return { figures, findings }
  } finally {
    await rig.close()
  }
}

async function looked({ look }: Ending, ledger: LedgerCall[], rig: Rig): Promise<Figures> {
  try {
    return (await look?.(ledger, rig)) ?? {}
  } catch (error) {
    rig.findings.push(`could not be looked at: ${String(error)}`)
    return {}
  }
}

/** What a server logged that nobody may know. Its first words to whoever set it up are no log: they show the dialer's key. */
function spilled(rig: Rig): string[] {
  return [0, 1, 2].flatMap((slot) => {
    const logged = rig
      .logIfAny(slot)
      .split('\n')
      .filter((line) => line.startsWith('{'))
    return secretsIn(logged.join('\n')).map((secret) => `the log of server ${slot} tells ${secret}`)
  })
}

function lastWords(rig: Rig): string[] {
  try {
    return [
      `the server's last words: ${rig
        .log(0)
        .split('\n')
        .filter((line) => line.startsWith('{') && !line.includes('slow answer'))
        .join('\n')
        .slice(-1_500)}`,
    ]
  } catch {
    return []
  }
}
