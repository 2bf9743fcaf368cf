import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { first, operation, strangeMembers, violations } from './conformance.fixture.ts'
import { ACCOUNT_SID, allEnded, openWorld, until, type World } from './test-world.ts'

const ACCOUNT = `/2010-04-01/Accounts/${ACCOUNT_SID}`

let world: World
beforeAll(async () => {
  world = await openWorld({ speed: 50 })
})
afterAll(() => world.close())

describe('conferences conform to the published description', () => {
  it('while two talk in one, and afterwards', async () => {
    const Twiml =
      '<Response><Dial><Conference endConferenceOnExit="true">Room 5</Conference></Dial></Response>'
    const calls = await Promise.all(['+12025550100', '+12025550114'].map((to) => world.call(to, { Twiml })))
    const list = `${ACCOUNT}/Conferences.json?FriendlyName=Room%205`
    const conference = async () => {
      const listed = await world.api(list)
      expect(violations('listConference', listed)).toEqual([])
      return (listed.body['conferences'] as Record<string, string>[])[0]
    }
    const participants = async (found: Record<string, unknown>) => {
      const uris = found['subresource_uris'] as Record<string, string>
      return world.api(String(uris['participants']))
    }
    let found = await conference()
    let present = await world.api(list)
    await until('both are there', async () => {
      found = await conference()
      if (found?.['status'] !== 'in-progress') return false
      present = await participants(found)
      return (present.body['participants'] as unknown[]).length === 2
    })
    expect(strangeMembers('api.v2010.account.conference', found)).toEqual([])
    expect(violations('listParticipant', present)).toEqual([])
    expect(
      strangeMembers('api.v2010.account.conference.participant', first(present, 'participants')),
    ).toEqual([])
    expect(
      (present.body['participants'] as { call_sid: string }[]).map((one) => one.call_sid).toSorted(),
    ).toEqual(calls.map(({ body }) => body['sid']).toSorted())
    await allEnded(world)
    const fetched = await world.api(String(found?.['uri']))
    expect(violations('fetchConference', fetched)).toEqual([])
    expect(fetched.body).toMatchObject({
      status: 'completed',
      reason_conference_ended: 'participant-with-end-conference-on-exit-left',
    })
  })

  it('asked with every filter of the description', async () => {
    for (const [name, path] of [
      ['listConference', 'Conferences.json'],
      ['listParticipant', null],
    ] as const) {
      const { body } = await world.api(`${ACCOUNT}/Conferences.json`)
      const [latest] = body['conferences'] as { subresource_uris: { participants: string } }[]
      const where = path === null ? latest?.subresource_uris.participants : `${ACCOUNT}/${path}`
      const samples: Record<string, string> = {
        PageSize: '10',
        Page: '0',
        Status: 'completed',
        Muted: 'true',
      }
      for (const parameter of Object.keys(operation(name).query)) {
        const query = new URLSearchParams({ [parameter]: samples[parameter] ?? '2026-11-20' })
        expect(violations(name, await world.api(`${where}?${query.toString()}`))).toEqual([])
      }
    }
  })
})
