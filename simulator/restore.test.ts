import { spawn, type ChildProcess } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ledgerCalls } from './ledger-calls.ts'
import { readLedger } from './ledger.ts'
import { ACCOUNT_SID, allEnded, AUTH_TOKEN, openWorld, SEED, until, type World } from './test-world.ts'

let world: World | null = null
afterEach(async () => {
  await world?.close()
  world = null
})

const one = '+13125550142'

describe('a carrier started again', () => {
  it('goes on ringing and talking where it was, and forgets no call', async () => {
    world = await openWorld({ speed: 4 })
    const Twiml = '<Response><Say>One.</Say><Say>Two.</Say><Pause length="4"/><Say>Three.</Say></Response>'
    const ended = await world.call('+12025550103')
    const { body } = await world.call(one, { Twiml })
    const sid = String(body['sid'])
    const spoken = async (): Promise<number> => heard(await ledgerCalls(world?.ledgerPath ?? ''), sid).length
    await until('two sentences were said', async () => (await spoken()) === 2)
    await world.restart()
    expect((await world.api(String(ended.body['uri']))).body).toMatchObject({ status: 'busy' })
    await allEnded(world)
    const calls = await ledgerCalls(world.ledgerPath)
    expect(heard(calls, sid)).toEqual(['One.', 'Two.', 'Three.'])
    expect(calls.find((call) => call.sid === sid)).toMatchObject({ status: 'completed', durationSeconds: 7 })
    await until(
      'the end was reported',
      () => world?.callbacks(sid).at(-1)?.form['CallStatus'] === 'completed',
    )
    expect(world.callbacks(sid).at(-1)?.form['SequenceNumber']).toBe('3')
  })

  it('reports to the address and keeps to the time limit that a call was last given', async () => {
    world = await openWorld({ speed: 4 })
    const { body } = await world.call(one, { Twiml: '<Response><Pause length="60"/></Response>' })
    const form = { StatusCallback: `${world.server}/moved`, TimeLimit: '3' }
    expect((await world.api(String(body['uri']), { form })).statusCode).toBe(200)
    await world.restart()
    await allEnded(world)
    await until('the end was reported', () => world?.received.at(-1)?.form['CallDuration'] === '3')
    expect(world.received.at(-1)?.path).toBe('/moved')
  })

  it('remembers how often a number was called', async () => {
    world = await openWorld()
    await world.call('+12025550110')
    await allEnded(world)
    await world.restart()
    await world.call('+12025550110')
    await allEnded(world)
    const calls = await ledgerCalls(world.ledgerPath)
    expect(calls.map((call) => [call.attempt, call.status])).toEqual([
      [1, 'no-answer'],
      [2, 'completed'],
    ])
  })

  it('drops the last line when a crash has torn it', async () => {
    world = await openWorld()
    await world.call(one)
    await allEnded(world)
    await world.carrier.close()
    appendFileSync(world.ledgerPath, '{"at":"2026-01-01T00:00:00.000Z","event":"acc')
    await world.restart()
    await world.call(one)
    await allEnded(world)
    expect(await ledgerCalls(world.ledgerPath)).toHaveLength(2)
  })
})

describe('a carrier killed at work', () => {
  it('has in its ledger every call that it answered for, and ends them all later', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'carrier-'))
    const ledgerPath = join(folder, 'carrier-ledger.jsonl')
    const { child, url } = await spawnCarrier(folder)
    const answered: string[] = []
    let calling = true
    const caller = async (lane: number): Promise<void> => {
      for (let index = 0; calling; index += 1) {
        const sid = await createCall(url, `+1312${lane}${String(index).padStart(6, '0')}`)
        if (sid) answered.push(sid)
      }
    }
    const lanes = [2, 3, 4, 5].map(caller)
    await until('a hundred calls were answered for', () => answered.length >= 100)
    child.kill('SIGKILL')
    calling = false
    await Promise.all(lanes)
    const known = new Set((await ledgerCalls(ledgerPath)).map((call) => call.sid))
    expect(answered.filter((sid) => !known.has(sid))).toEqual([])
    const again = await spawnCarrier(folder)
    const finished = async (): Promise<boolean> =>
      (await ledgerCalls(ledgerPath)).every((call) => call.endedAt)
    await until('all calls ended', finished)
    again.child.kill('SIGKILL')
    expect((await ledgerCalls(ledgerPath)).length).toBe(known.size)
    rmSync(folder, { recursive: true, force: true })
  }, 30_000)
})

describe('the same seed', () => {
  it('gives the same people, whatever the order in which they are called', async () => {
    const numbers = Array.from({ length: 40 }, (_, index) => `+1415${String(5550100 + index)}`)
    const first = await outcomes([...numbers, ...numbers])
    const second = await outcomes([...numbers.toReversed(), ...numbers])
    expect(second).toEqual(first)
    const others = await outcomes([...numbers, ...numbers], `${SEED}-other`)
    expect(others).not.toEqual(first)
  }, 30_000)
})

async function outcomes(numbers: string[], seed = SEED): Promise<Record<string, unknown>> {
  const lived = await openWorld({ profile: 'default', speed: 5000, seed })
  for (const to of numbers) await lived.call(to)
  await allEnded(lived)
  const calls = await ledgerCalls(lived.ledgerPath)
  await lived.close()
  return Object.fromEntries(
    calls.map((call) => [`${call.to} ${call.attempt}`, [call.status, call.durationSeconds]]),
  )
}

function heard(calls: Awaited<ReturnType<typeof ledgerCalls>>, sid: string): (string | null)[] {
  return calls.find((call) => call.sid === sid)?.heard.map((part) => part.text) ?? []
}

async function spawnCarrier(folder: string): Promise<{ child: ChildProcess; url: string }> {
  const args = ['--port', '0', '--data', folder, '--speed', '50', '--profile', 'all-answer', '--seed', SEED]
  const account = ['--account-sid', ACCOUNT_SID, '--auth-token', AUTH_TOKEN]
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'main.ts'), ...args, ...account],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => {
      resolve(chunk.toString())
    })
    child.once('exit', () => {
      reject(new Error('The carrier ended before it listened.'))
    })
  })
  const { url } = JSON.parse(line) as { url: string }
  return { child, url }
}

/** The sid of a new call, or null when the connection broke. */
async function createCall(url: string, to: string): Promise<string | null> {
  const body = new URLSearchParams({
    To: to,
    From: '+18005550100',
    Twiml: '<Response><Say>Hi.</Say></Response>',
  })
  const authorization = `Basic ${Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')}`
  try {
    const response = await fetch(`${url}/2010-04-01/Accounts/${ACCOUNT_SID}/Calls.json`, {
      method: 'POST',
      headers: { authorization },
      body,
    })
    return ((await response.json()) as { sid: string }).sid
  } catch {
    return null
  }
}

it('reads an empty ledger as no calls', async () => {
  world = await openWorld()
  const events: string[] = []
  await until('it is opened', async () => {
    events.length = 0
    for await (const entry of readLedger(world?.ledgerPath ?? '')) events.push(entry.event)
    return events.length > 0
  })
  expect(events).toEqual(['opened'])
})
