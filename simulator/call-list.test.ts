import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACCOUNT_SID, allEnded, openWorld, type World } from './test-world.ts'

const CALLS = `/2010-04-01/Accounts/${ACCOUNT_SID}/Calls.json`
const TWELVE = Array.from({ length: 12 }, (_, index) => `+1312555${String(100 + index).padStart(4, '0')}`)

let world: World
beforeAll(async () => {
  world = await openWorld({ speed: 1000, verifiedNumbers: ['+14155550177'] })
  for (const to of TWELVE) await world.call(to)
  await world.call('+12025550103', { From: '+14155550177' })
  await allEnded(world)
})
afterAll(() => world.close())

interface Page {
  calls: Record<string, string>[]
  page: number
  start: number
  end: number
  next_page_uri: string | null
  previous_page_uri: string | null
}

async function list(query: string | null): Promise<Page> {
  return (await world.api(query?.startsWith('/') ? query : `${CALLS}?${query ?? ''}`)).body as unknown as Page
}

const numbers = (page: Page): (string | undefined)[] => page.calls.map((call) => call['to'])

describe('the list of calls', () => {
  it('shows the newest first and leads through every page without loss or repetition', async () => {
    const seen: (string | undefined)[] = []
    let page = await list('PageSize=5')
    for (;;) {
      seen.push(...numbers(page))
      if (page.next_page_uri === null) break
      // A call that comes in between must not shift what follows.
      if (page.page === 0) await world.call('+13125550999')
      page = await list(page.next_page_uri)
    }
    expect(seen).toEqual(['+12025550103', ...TWELVE.toReversed()])
    expect(page).toMatchObject({ page: 2, start: 10, end: 12 })
    expect(page.previous_page_uri).toContain('Page=1')
    await allEnded(world)
  })

  it('is filtered by number, caller and status', async () => {
    const [first = ''] = TWELVE
    expect(numbers(await list(`To=${encodeURIComponent(first)}`))).toEqual([first])
    expect(numbers(await list('From=%2B14155550177'))).toEqual(['+12025550103'])
    expect(numbers(await list('Status=busy'))).toEqual(['+12025550103'])
    expect(numbers(await list(`To=${encodeURIComponent(first)}&Status=busy`))).toEqual([])
    expect(numbers(await list(`ParentCallSid=CA${'0'.repeat(32)}`))).toEqual([])
  })

  it('is filtered by the day and the instant of start and end', async () => {
    const today = new Date().toISOString().slice(0, 10)
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
    const all = (await list('PageSize=1000')).calls.length
    const count = async (query: string): Promise<number> =>
      (await list(`PageSize=1000&${query}`)).calls.length
    expect(await count(`StartTime%3E=${today}`)).toBe(all)
    expect(await count(`StartTime>=${tomorrow}`)).toBe(0)
    expect(await count(`StartTime%3C=${today}&EndTime%3C=${tomorrow}`)).toBe(all)
    expect(await count(`EndTime%3E=${new Date(Date.now() + 60_000).toISOString()}`)).toBe(0)
    expect(await count('StartTime=2001-01-01')).toBe(0)
  })
})

describe('the numbers of the account', () => {
  it('are the one it owns and those it has verified', async () => {
    const account = `/2010-04-01/Accounts/${ACCOUNT_SID}`
    const owned = await world.api(`${account}/IncomingPhoneNumbers.json`)
    const verified = await world.api(`${account}/OutgoingCallerIds.json`)
    expect(owned.body['incoming_phone_numbers']).toMatchObject([
      { phone_number: world.carrier.defaultNumber },
    ])
    expect(verified.body['outgoing_caller_ids']).toMatchObject([{ phone_number: '+14155550177' }])
  })
})
