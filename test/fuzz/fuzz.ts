/** Sends generated requests to every operation, and gathers what is wrong with the answers. */
import { seededRandom } from '../../src/random.ts'
import { createAnswerJudge, tellsOfCarrier, type Answer } from './answers.ts'
import { operationsOf, type Operation } from './operations.ts'
import { requestFor, type FuzzedRequest } from './requests.ts'
import { Seen } from './values.ts'

export type Fuzzing = {
  document: object
  seed: number
  perOperation: number
  send: (request: FuzzedRequest) => Promise<Answer>
  /** Before the requests of an operation, and after every 25 of them: limits are lifted and keys made good again. */
  refresh: () => Promise<void>
  atOnce?: number
  /** Operations that are left out, by name. */
  except?: (operation: Operation) => boolean
}

export type Fuzzed = {
  requests: number
  operations: number
  /** Without those that tell of the carrier's own failure. */
  byStatus: Map<number, number>
  carrierFailures: number
  slowestMs: number
  findings: string[]
}

/** What was found is told once for each operation and kind, with the request that showed it. */
export async function fuzz(fuzzing: Fuzzing): Promise<Fuzzed> {
  const operations = operationsOf(fuzzing.document).filter(
    (operation) => fuzzing.except?.(operation) !== true,
  )
  const judge = createAnswerJudge(fuzzing.document)
  const seen = new Seen()
  const findings = new Map<string, string>()
  const fuzzed: Fuzzed = {
    requests: 0,
    operations: operations.length,
    byStatus: new Map(),
    carrierFailures: 0,
    slowestMs: 0,
    findings: [],
  }

  async function one(operation: Operation, request: FuzzedRequest): Promise<void> {
    const startedMs = performance.now()
    const answer = await fuzzing.send(request)
    fuzzed.slowestMs = Math.max(fuzzed.slowestMs, performance.now() - startedMs)
    fuzzed.requests += 1
    if (tellsOfCarrier(operation, answer)) fuzzed.carrierFailures += 1
    else fuzzed.byStatus.set(answer.status, (fuzzed.byStatus.get(answer.status) ?? 0) + 1)
    for (const wrong of judge(operation, answer)) {
      const key = `${operation.name}: ${wrong.slice(0, 24)}`
      if (!findings.has(key)) findings.set(key, `${operation.name}: ${wrong}\n         ${told(request)}`)
    }
    if (answer.status < 300 && answer.body !== null) learn(seen, answer.body)
  }

  for (const operation of operations) {
    const random = seededRandom(`${fuzzing.seed} ${operation.name}`)
    for (let done = 0; done < fuzzing.perOperation;) {
      await fuzzing.refresh()
      const some = Math.min(25, fuzzing.perOperation - done)
      const requests = Array.from({ length: some }, () => requestFor(operation, seen, random))
      await inLanes(requests, fuzzing.atOnce ?? 4, (request) => one(operation, request))
      done += some
    }
  }
  return { ...fuzzed, findings: [...findings.values()] }
}

function learn(seen: Seen, body: string): void {
  try {
    seen.learn(JSON.parse(body))
  } catch {
    // A file or a page: nothing to learn from.
  }
}

function told({ method, path, headers, body }: FuzzedRequest): string {
  const type = headers['content-type'] ?? ''
  return `${method} ${path.slice(0, 200)} ${type} ${JSON.stringify(body?.toString('latin1').slice(0, 240) ?? null)}`
}

export async function inLanes<Item>(
  items: readonly Item[],
  lanes: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items]
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
