import { Type } from '@fastify/type-provider-typebox'
import { Readable } from 'node:stream'
import { findSettings } from '../accounts/workspace-store.ts'
import type { Sql, Tx } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import { closeBatch, type TotalChange } from '../events/event-log.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { idempotent } from '../http/idempotency.ts'
import { pageLinks, readPage } from '../http/paging.ts'
import { managers, principalOf, staff } from '../http/principal.ts'
import { sentenceOf, toNumberWire } from './campaign-wire.ts'
import { noCampaign, requireCampaign, type CampaignDeps } from './campaign-deps.ts'
import { CampaignId } from './campaign-routes.ts'
import {
  lockCampaign,
  numberTotal,
  numberTotals,
  sumOf,
  touchCampaign,
  type Campaign,
} from './campaign-store.ts'
import { isOpen, type Run } from './campaign.ts'
import {
  deleteNumber,
  findNumber,
  insertNumber,
  listNumbers,
  lockNumber,
  lockNumberByE164,
  pageOfNumbers,
  replaceNumber,
  setGiven,
  setTags,
  type CampaignNumber,
} from './number-store.ts'
import { readTags } from './number-tags.ts'
import { readRecipient, type Recipient } from './recipient-import.ts'
import { newestRun, wakeDialers } from './run-store.ts'

const number = Type.Union([Type.Number(), Type.String({ maxLength: 250 })])
const availableTags = Type.Record(Type.String(), Type.Unknown())
const NewNumber = Type.Object({
  number,
  available_tags: Type.Optional(Type.Union([availableTags, Type.Null()])),
})
const NumberChange = Type.Object({
  number: Type.Optional(number),
  available_tags: Type.Optional(availableTags),
})
const page = Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 }))
const tags = ['campaigns']

/** The numbers of campaigns. */
export async function numberRoutes(app: App, deps: CampaignDeps): Promise<void> {
  const { sql } = deps

  app.route({
    method: 'GET',
    url: '/api/system/campaigns/number/:id',
    config: { allow: staff },
    schema: {
      tags,
      summary: 'Numbers of a campaign, newest first: all of them, or a page',
      params: CampaignId,
      querystring: Type.Object({ page, page_size: page }),
    },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const campaign = await requireCampaign(sql, workspaceId, request.params.id)
      const run = await newestRun(sql, workspaceId, campaign.id)
      const messages = 'Numbers Successfully Retrieved'
      if (request.query.page === undefined && request.query.page_size === undefined) {
        reply.type('application/json; charset=utf-8')
        return reply.send(Readable.from(allNumbers(sql, campaign, { run, messages })))
      }
      const wanted = readPage(request.query)
      const count = sumOf(await numberTotals(sql, workspaceId, campaign.id))
      const pagination = pageLinks(request, deps.publicUrl, { ...wanted, count })
      const numbers = await pageOfNumbers(sql, campaign, { limit: wanted.size, offset: wanted.offset })
      const lists = numbers.map((one) => toNumberWire(one, campaign, run))
      return envelope({ messages, 'number-lists': lists, pagination }, messages)
    },
  })

  app.route({
    method: 'POST',
    url: '/api/system/campaigns/number/:id',
    config: { allow: managers, success: [201, 200] },
    schema: { tags, summary: 'Add a number', params: CampaignId, body: NewNumber },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const recipient = await readOne(sql, workspaceId, request.body.number)
      return idempotent(request, reply, sql, async (tx) => {
        const campaign = await lockCampaign(tx, workspaceId, request.params.id)
        if (campaign === null) throw noCampaign(request.params.id)
        const given = readTags(request.body.available_tags ?? {}, campaign.usableTags)
        const added = await addNumber(tx, { campaign, recipient, given }, deps)
        const run = await newestRun(tx, workspaceId, campaign.id)
        if (run !== null && isOpen(run.state)) await wakeDialers(tx)
        await closeNumbers(tx, campaign, added.totals, deps)
        const message = added.isNew ? 'Number added successfully.' : 'The number is in the campaign already.'
        const status = added.isNew ? 201 : 200
        const data = { 'number-lists': toNumberWire(added.number, campaign, run) }
        return { status, body: envelope(data, message, status) }
      })
    },
  })

  app.route({
    method: 'GET',
    url: '/api/system/number/:id/',
    config: { allow: staff },
    schema: { tags, summary: 'One number', params: CampaignId },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const found = await requireNumber(sql, workspaceId, request.params.id)
      const campaign = await requireCampaign(sql, workspaceId, found.campaignId)
      const run = await newestRun(sql, workspaceId, campaign.id)
      const messages = 'Number Successfully Retrieved'
      return envelope({ messages, 'number-detail': toNumberWire(found, campaign, run) }, messages)
    },
  })

  app.route({
    method: ['POST', 'PUT', 'PATCH'],
    url: '/api/system/number/:id/',
    config: { allow: managers },
    schema: { tags, summary: 'Change a number or its tags', params: CampaignId, body: NumberChange },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      const { body } = request
      const recipient = body.number === undefined ? null : await readOne(sql, workspaceId, body.number)
      return idempotent(request, reply, sql, async (tx) => {
        const { campaign, locked } = await lockWithCampaign(tx, workspaceId, request.params.id, 'changed')
        const given =
          body.available_tags === undefined ? null : readTags(body.available_tags, campaign.usableTags)
        const changed = await changeNumber(tx, campaign, { locked, recipient, given })
        const run = await newestRun(tx, workspaceId, campaign.id)
        if (changed.totals.length > 0 && run !== null && isOpen(run.state)) await wakeDialers(tx)
        await closeNumbers(tx, campaign, changed.totals, deps)
        const data = { 'number-detail': toNumberWire(changed.number, campaign, run) }
        return { status: 200, body: envelope(data, 'Action details successfully updated.') }
      })
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/system/campaigns/number/:id/delete/',
    config: { allow: managers },
    schema: { tags, summary: 'Take a number out of its campaign', params: CampaignId },
    handler: async (request, reply) => {
      const { workspaceId } = principalOf(request)
      return idempotent(request, reply, sql, async (tx) => {
        const { campaign, locked } = await lockWithCampaign(tx, workspaceId, request.params.id, 'deleted')
        await deleteNumber(tx, locked)
        await closeNumbers(tx, campaign, numberTotal(campaign.id, locked.status, -1), deps)
        const shown = locked.digits === '' ? locked.given : locked.digits
        const sentence = `${shown} of campaign ${campaign.name} deleted Successfully!!`
        return { status: 200, body: envelope({ 'campaign-details': sentence }, sentence) }
      })
    },
  })
}

const rowsPerQuery = 2_000

/**
 * The whole list as one answer, read in pieces: no connection is held while the client reads, and a client that
 * leaves ends the reading.
 */
async function* allNumbers(
  sql: Sql,
  campaign: Campaign,
  { run, messages }: { run: Run | null; messages: string },
): AsyncGenerator<string> {
  const { data: _nothing, ...members } = envelope({}, messages)
  const opening = JSON.stringify(members).slice(0, -1)
  yield `${opening},"data":{"messages":${JSON.stringify(messages)},"number-lists":[`
  let before = Number.MAX_SAFE_INTEGER
  let separator = ''
  for (;;) {
    const numbers = await listNumbers(sql, campaign, { before, limit: rowsPerQuery })
    const last = numbers.at(-1)
    if (last === undefined) break
    yield separator + numbers.map((one) => JSON.stringify(toNumberWire(one, campaign, run))).join(',')
    separator = ','
    before = last.id
    if (numbers.length < rowsPerQuery) break
  }
  yield ']}}'
}

async function readOne(sql: Sql, workspaceId: number, given: number | string): Promise<Recipient> {
  const { defaultRegion } = await findSettings(sql, workspaceId)
  const recipient = readRecipient(String(given), defaultRegion)
  if (recipient.reason === null) return recipient
  const sentence = `number "${recipient.given.slice(0, 40)}" cannot be called. ${sentenceOf(recipient.reason)}`
  throw new AppError('invalid', 'invalid_number', sentence, { param: 'number' })
}

async function addNumber(
  tx: Tx,
  { campaign, recipient, given }: { campaign: Campaign; recipient: Recipient; given: CampaignNumber['tags'] },
  deps: CampaignDeps,
): Promise<{ number: CampaignNumber; isNew: boolean; totals: TotalChange[] }> {
  const { e164 } = recipient
  if (e164 === null) throw new Error('Only a readable number is added')
  const place = { workspaceId: campaign.workspaceId, campaignId: campaign.id }
  const added = await insertNumber(tx, { ...place, recipient, tags: given }, deps.clock.now())
  if (added !== null)
    return { number: added, isNew: true, totals: numberTotal(campaign.id, 'not_started', 1) }
  const known = await lockNumberByE164(tx, campaign, e164)
  if (known === null) throw new Error('A number that was in the way is gone')
  return { number: await setTags(tx, known, { ...known.tags, ...given }), isNew: false, totals: [] }
}

async function changeNumber(
  tx: Tx,
  campaign: Campaign,
  change: { locked: CampaignNumber; recipient: Recipient | null; given: CampaignNumber['tags'] | null },
): Promise<{ number: CampaignNumber; totals: TotalChange[] }> {
  const { locked, recipient, given } = change
  const tagged = given === null ? locked : await setTags(tx, locked, given)
  if (recipient === null || recipient.e164 === null) return { number: tagged, totals: [] }
  if (recipient.e164 === locked.e164) return { number: await setGiven(tx, tagged, recipient), totals: [] }
  const replaced = await replaceNumber(tx, tagged, recipient)
  if (replaced === null) {
    const sentence = `${recipient.given} is in the campaign already.`
    throw new AppError('conflict', 'duplicate_number', sentence, { param: 'number' })
  }
  const totals = [
    ...numberTotal(campaign.id, locked.status, -1),
    ...numberTotal(campaign.id, 'not_started', 1),
  ]
  return { number: replaced, totals }
}

async function lockWithCampaign(tx: Tx, workspaceId: number, id: number, action: 'changed' | 'deleted') {
  const found = await requireNumber(tx, workspaceId, id)
  const campaign = await lockCampaign(tx, workspaceId, found.campaignId)
  const locked = campaign === null ? null : await lockNumber(tx, campaign, id)
  if (campaign === null || locked === null) throw noNumber(id)
  if (locked.status !== 'calling') return { campaign, locked }
  throw new AppError(
    'conflict',
    'number_calling',
    `The number is being called and cannot be ${action}. Wait for the call to end.`,
  )
}

async function requireNumber(sql: Sql | Tx, workspaceId: number, id: number): Promise<CampaignNumber> {
  const found = await findNumber(sql, workspaceId, id)
  if (found === null) throw noNumber(id)
  return found
}

function noNumber(id: number): AppError {
  return new AppError('not_found', 'number_not_found', `There is no number ${id}.`)
}

async function closeNumbers(
  tx: Tx,
  campaign: Campaign,
  totals: TotalChange[],
  deps: CampaignDeps,
): Promise<void> {
  const now = deps.clock.now()
  if (totals.length > 0) await touchCampaign(tx, campaign, now)
  const data = { campaign_id: campaign.id }
  const events = [{ kind: 'campaign.numbers_changed', visibleTo: null, data }]
  await closeBatch(tx, {
    now,
    workspaces: [{ workspaceId: campaign.workspaceId, totals, events }],
  })
}
