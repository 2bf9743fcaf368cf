/** What a measuring program says in its last line, for people and for the table of all of them. */
export type Side = { name: string; perSecond: number; perCpuSecond?: number; rssMb?: number }

export type Result = Side & {
  count: number
  /** What the same work came to elsewhere, in the same run. */
  beside: readonly Side[]
  /** That the work was really done; a false one ends the program with 1. */
  checks: Record<string, boolean>
}

export function printResult(result: Result): void {
  console.log(JSON.stringify(result))
  for (const [check, held] of Object.entries(result.checks)) if (!held) console.error(`FAILED: ${check}`)
  if (Object.values(result.checks).includes(false)) process.exitCode = 1
}

/** The middle one, by speed. */
export function middle<Of extends { perSecond: number }>(measured: readonly Of[]): Of {
  const sorted = measured.toSorted((a, b) => a.perSecond - b.perSecond)
  const found = sorted[Math.floor(sorted.length / 2)]
  if (found === undefined) throw new Error('Nothing was measured')
  return found
}

export function percent(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(0)} %`
}
