import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Settings } from '../accounts/settings.ts'
import { findSettings } from '../accounts/workspace-store.ts'
import { CarrierAway, type NumberSearch } from '../carriers/carrier.ts'
import { parseRegion } from '../config-values.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent, requestName, replayed } from '../http/idempotency.ts'
import { managers, principalOf, staff } from '../http/principal.ts'
import { shown } from '../http/validation.ts'
import type { NumberKeeper } from './number-keeper.ts'
import * as refusals from './number-refusals.ts'
import { rateOf, readCapabilities, toNumberWire, type PhoneNumber } from './owned-number.ts'
import { NumberSchema, OfferedSchema, OwnedSchema, ReleasedSchema } from './owned-number-schemas.ts'
import { findPhoneNumber, listOwned } from './owned-number-store.ts'

export type OwnedNumberDeps = { sql: Sql; carrierAccountId: number; numbers: NumberKeeper }

const sid = Type.Optional(Type.String({ maxLength: 60, description: '32 hexadecimal digits' }))
const Named = Type.Object({ phone_sid: sid, phone_number_sid: sid })
const Renamed = Type.Object({
  phone_sid: sid,
  phone_number_sid: sid,
  friendly_name: Type.String({ minLength: 1, maxLength: 64 }),
})
const Search = Type.Object({
  country: Type.Optional(Type.String({ maxLength: 60, description: 'ISO code, like US' })),
  contains: Type.Optional(Type.String({ maxLength: 30, description: 'Digits; * stands for any one' })),
  capability: Type.Optional(Type.String({ maxLength: 60, description: 'voice, sms, mms or fax' })),
})

/** Numbers of the workspace, and numbers it may buy. */
export async function ownedNumberRoutes(app: App, deps: OwnedNumberDeps): Promise<void> {
  const { sql, numbers } = deps
  const tags = ['phone numbers']
  const url = '/api/system/phone_numbers'

  app.route({
    method: 'GET',
    url: '/api/system/owned/phone_numbers/',
    config: { allow: staff },
    schema: { tags, summary: 'The numbers of the workspace', response: { 200: OwnedSchema } },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      await numbers.accountNumbers()
      const owned = await listOwned(sql, workspaceId, deps.carrierAccountId)
      const settings = await findSettings(sql, workspaceId)
      const owned_numbers = owned.map((number) => toNumberWire(number, rateOf(number, settings)))
      return envelope({ owned_numbers }, 'Owned Numbers Successfully Retrieved')
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/`,
    config: { allow: managers },
    schema: {
      tags,
      summary: 'Numbers that can be bought',
      querystring: Search,
      response: { 200: OfferedSchema },
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const settings = await findSettings(sql, workspaceId)
      const { search, offered } = await askOffered(workspaceId, request.query, settings)
      const number_lists = (offered ?? []).map((number) => toNumberWire(number, rateOf(number, settings)))
      const message =
        offered === null
          ? `The carrier sells no numbers in ${search.country}.`
          : 'Numbers Successfully Retrieved'
      return envelope({ number_lists, country: search.country }, message)
    },
  })

  app.route({
    method: 'POST',
    url: `${url}/`,
    config: { allow: managers, refusals: [404] },
    schema: { tags, summary: 'Buy a number', body: Named, response: { 200: NumberSchema } },
    handler: async (request, reply) => {
      const kept = await replayed<ReturnType<typeof boughtAnswer>>(request, reply, sql)
      if (kept !== null) return kept
      const number = await requireNumber(request, request.body)
      const refusal = await buy(number, requestName(request))
      return idempotent(request, reply, sql, async (tx) => {
        if (refusal !== null) throw refusal
        const settings = await findSettings(tx, number.workspaceId)
        const now = (await findPhoneNumber(tx, number.workspaceId, number.sid)) ?? number
        return { status: 200, body: boughtAnswer(now, rateOf(now, settings)) }
      })
    },
  })

  app.route({
    method: 'DELETE',
    url: `${url}/`,
    config: { allow: managers, refusals: [404] },
    schema: {
      tags,
      summary: 'Release a number',
      querystring: Named,
      body: Type.Optional(Named),
      response: { 200: ReleasedSchema },
    },
    handler: async (request, reply) => {
      const number = await requireNumber(request, { ...request.query, ...request.body })
      await numbers.intendRelease(number)
      const refusal = await release(number)
      if (refusal !== null) throw refusal
      reply.code(200)
      const message = `${number.number} number released successfully!!`
      return envelope({ phone_number: number.number, phone_sid: number.sid }, message, 204)
    },
  })

  app.route({
    method: 'PATCH',
    url: `${url}/`,
    config: { allow: managers, refusals: [404] },
    schema: { tags, summary: 'Give a number another name', body: Renamed, response: { 200: NumberSchema } },
    handler: async (request, reply) => {
      const number = await requireNumber(request, request.body)
      const name = request.body.friendly_name.trim()
      if (name === '')
        throw new AppError('invalid', 'missing_field', 'friendly_name must not be empty.', {
          param: 'friendly_name',
        })
      await orAway(() => numbers.rename(number, name))
      return idempotent(request, reply, sql, async (tx) => {
        const settings = await findSettings(tx, number.workspaceId)
        const number_details = toNumberWire({ ...number, friendlyName: name }, rateOf(number, settings))
        return {
          status: 200,
          body: envelope({ number_details }, `${number.number} number updated successfully!!`),
        }
      })
    },
  })

  async function askOffered(workspaceId: number, query: Query, settings: Settings) {
    const asked = readSearch(query, settings.defaultRegion)
    return orAway(async () => {
      const offered = await numbers.offered(workspaceId, asked)
      if (offered !== null || query.country !== undefined) return { search: asked, offered }
      // Nobody asked for this country: one in which there is something to buy says more.
      const country = await numbers.someCountry()
      if (country === null) return { search: asked, offered }
      const search = { ...asked, country }
      return { search, offered: await numbers.offered(workspaceId, search) }
    })
  }

  async function requireNumber(request: FastifyRequest, named: Named): Promise<PhoneNumber> {
    const { workspaceId } = principalOf(request)
    const given = (named.phone_sid ?? named.phone_number_sid ?? '').trim()
    if (given === '')
      throw new AppError('invalid', 'missing_field', 'phone_sid is required.', { param: 'phone_sid' })
    const number = await findPhoneNumber(sql, workspaceId, given)
    if (number !== null) return number
    const way = 'List the numbers first: GET /api/system/phone_numbers.'
    throw new AppError('not_found', 'number_not_found', `There is no number ${shown(given)}. ${way}`, {
      param: 'phone_sid',
    })
  }

  /** Null when the number is the workspace's, else what to say. What was committed is finished by the number loop. */
  async function buy(number: PhoneNumber, request: Buffer | null): Promise<AppError | null> {
    const intent = await numbers.intend(number, request)
    if (intent === 'repeated') return stateAfter(number)
    const bought = await numbers.ask(number)
    switch (bought) {
      case 'owned':
        return null
      case 'taken':
        return refusals.taken(number.number)
      case 'refused':
        return refusals.refused(number.number)
      case 'unclear':
        throw refusals.unclear(number.number)
      default:
        throw refusals.carrierAway(bought.unavailableForMs)
    }
  }

  /** The same request again, after one whose answer nobody saw. */
  async function stateAfter(number: PhoneNumber): Promise<AppError | null> {
    const now = await findPhoneNumber(sql, number.workspaceId, number.sid)
    if (now?.state === 'buying' && (await numbers.find(now)) !== 'owned')
      throw refusals.unclear(number.number)
    return null
  }

  async function release(number: PhoneNumber): Promise<AppError | null> {
    try {
      const released = await numbers.giveBack(number)
      return released === 'released' ? null : refusals.inUse(number.number, 'the carrier says it is in use')
    } catch (error) {
      if (!(error instanceof CarrierAway)) throw error
      return refusals.stillReleasing(number.number)
    }
  }
}

type Named = { phone_sid?: string; phone_number_sid?: string }
type Query = { country?: string; contains?: string; capability?: string }

function boughtAnswer(number: PhoneNumber, rate: number) {
  const number_details = toNumberWire(number, rate)
  return envelope({ number_details }, `${number.number} number bought successfully!!`)
}

function readSearch(query: Query, defaultRegion: string): NumberSearch {
  const country = query.country === undefined ? defaultRegion : parseRegion(query.country.trim())
  if (country === null) {
    const sentence = `country must be a code of two letters, like US; ${shown(query.country)} is not.`
    throw new AppError('invalid', 'invalid_field', sentence, { param: 'country' })
  }
  const capabilities = readCapabilities(query.capability ?? '')
  if (capabilities === null) {
    const sentence = `capability must be voice, sms, mms or fax; ${shown(query.capability)} is not.`
    throw new AppError('invalid', 'invalid_field', sentence, { param: 'capability' })
  }
  const contains = (query.contains ?? '').replaceAll(/[\s+()-]/g, '')
  if (!/^[\d*]*$/.test(contains)) {
    const sentence = `contains must be digits, * for any one; ${shown(query.contains)} is not.`
    throw new AppError('invalid', 'invalid_field', sentence, { param: 'contains' })
  }
  return { country, capabilities, contains: contains === '' ? null : contains }
}

async function orAway<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CarrierAway) throw refusals.carrierAway()
    throw error
  }
}
