/** Whether the kept counts are those of the rows. Pure. */
import type { Finding } from './judge.ts'

export type Count = { campaignId: number; subject: 'call' | 'number' | 'text'; state: string; count: number }

/** Compares the kept counts with counted rows. A count of none may be absent on either side. */
export function judgeTotals(
  workspaceId: number,
  kept: readonly Count[],
  counted: readonly Count[],
): Finding[] {
  const key = (one: Count) => `campaign ${one.campaignId} ${one.subject} ${one.state}`
  const real = new Map(counted.map((one) => [key(one), one.count]))
  const told = new Map(kept.map((one) => [key(one), one.count]))
  return [...new Set([...real.keys(), ...told.keys()])].flatMap((name) => {
    const [is, says] = [real.get(name) ?? 0, told.get(name) ?? 0]
    if (is === says) return []
    return [{ rule: 'sums', subject: `workspace ${workspaceId} ${name}`, detail: `says ${says}, is ${is}` }]
  })
}
