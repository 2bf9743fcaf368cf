import { Type } from '@fastify/type-provider-typebox'
import { findSettings } from '../accounts/workspace-store.ts'
import { noContacts, type Contacts } from '../accounts/frequency-cap.ts'
import type { Settings } from '../accounts/settings.ts'
import { commonHours } from '../calls/calling-window.ts'
import type { Sql } from '../db/sql.ts'
import { AppError } from '../errors.ts'
import type { App } from '../http/app-shell.ts'
import { envelope } from '../http/families.ts'
import { principalOf, staff } from '../http/principal.ts'
import { instantText } from '../http/instants.ts'
import { countryOf } from '../numbers/numbering-plan.ts'
import { soundSecondsOf } from './begin-audio.ts'
import { requireMessage } from './begin.ts'
import { requireCampaign, type CampaignDeps } from './campaign-deps.ts'
import { CampaignId } from './campaign-routes.ts'
import type { CampaignRules } from './campaign-rules.ts'
import type { Campaign } from './campaign-store.ts'
import { digitsAsInteger } from './campaign-wire.ts'
import { numberStatuses } from './campaign.ts'
import { contactsOf } from './contact-store.ts'
import { parseMessage } from './message.ts'
import { idRange } from './number-store.ts'
import { costOf, measure, previewParts, previewText } from './preview.ts'
import { outlooks } from './recipient-outlook.ts'
import { knownRecipients, neighbours, type KnownRecipient } from './recipient-outlook-store.ts'
import { zonesOfPerson } from './recipient-zone.ts'

const Preview = Type.Object({
  message: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  number_id: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
})

/** What one recipient will get, before anything is dialed. */
export async function previewRoutes(app: App, deps: CampaignDeps): Promise<void> {
  const { sql, clock } = deps
  app.route({
    method: 'POST',
    url: '/api/system/campaigns/:id/preview/',
    config: { allow: staff },
    schema: {
      tags: ['campaigns'],
      summary: 'The message as one recipient gets it, what it costs, and whether it may be sent now',
      description: 'Nothing is written. Without `number_id`: the first number of the campaign.',
      params: CampaignId,
      body: Preview,
    },
    handler: async (request) => {
      const { workspaceId } = principalOf(request)
      const campaign = await requireCampaign(sql, workspaceId, request.params.id)
      const settings = await findSettings(sql, workspaceId)
      const message = requireMessage(request.body.message?.trim() || campaign.message, {
        service: campaign.service,
        usableTags: campaign.usableTags,
      })
      const range = (await idRange(sql, campaign)) ?? { first: 1, last: 0 }
      const recipient = await oneRecipient(sql, campaign, { id: request.body.number_id ?? null, range })
      const soundSeconds = await soundSecondsOf(sql, campaign, campaign.audioId)
      const now = clock.now()
      const [contacts = noContacts] =
        recipient === null
          ? []
          : await contactsOfPeople(sql, workspaceId, { people: [recipient], settings, now })
      const details = {
        ...(await identity(sql, campaign, { recipient, range })),
        ...contents({ campaign, message, soundSeconds, recipient, contacts, settings, now }),
      }
      return envelope({ details }, 'The message as it will be.')
    },
  })
}

/** Whom the campaign may call when: its hours within those of the workspace, and the cap of all campaigns. */
export function outlookOf(settings: Settings, rules: CampaignRules, now: Date) {
  const callingHours = commonHours(settings.callingHours, rules.callingHours)
  const { holidays, frequencyCap } = settings
  return outlooks({ callingHours, holidays, frequencyCap }, now)
}

/** How often each of these people was contacted; nothing is asked when no cap makes it matter. */
export async function contactsOfPeople(
  sql: Sql,
  workspaceId: number,
  { people, settings, now }: { people: readonly KnownRecipient[]; settings: Settings; now: Date },
): Promise<Contacts[]> {
  const { frequencyCap, timeZone } = settings
  const asked = people.flatMap((person) =>
    person.e164 === null
      ? []
      : [
          {
            workspaceId,
            to: person.e164,
            rules: { frequencyCap },
            zones: zonesOfPerson(person, timeZone),
          },
        ],
  )
  const contacts = await contactsOf(sql, asked, now)
  return people.map(({ e164 }) => contacts.get(`${workspaceId} ${e164}`) ?? noContacts)
}

type Range = { first: number; last: number }

async function oneRecipient(
  sql: Sql,
  campaign: Campaign,
  { id, range }: { id: number | null; range: Range },
): Promise<KnownRecipient | null> {
  const selection = { statuses: numberStatuses, individual: null }
  const from = id ?? range.first
  const query = { selection, after: from - 1, until: id ?? range.last, limit: 1 }
  const [found] = await knownRecipients(sql, campaign, query)
  if (found !== undefined) return found
  if (id === null) return null
  throw new AppError('not_found', 'number_not_found', `There is no number ${id} in this campaign.`)
}

async function identity(
  sql: Sql,
  campaign: Campaign,
  { recipient, range }: { recipient: KnownRecipient | null; range: Range },
) {
  if (recipient === null)
    return { number_id: null, number: null, e164: null, previous_number_id: null, next_number_id: null }
  const { before, after } = await neighbours(sql, campaign, { id: recipient.id, ...range })
  return {
    number_id: recipient.id,
    number: digitsAsInteger(recipient.digits),
    e164: recipient.e164,
    previous_number_id: before,
    next_number_id: after,
  }
}

type Shown = {
  campaign: Campaign
  message: string
  soundSeconds: number
  recipient: KnownRecipient | null
  contacts: Contacts
  settings: Settings
  now: Date
}

function contents({ campaign, message, soundSeconds, recipient, contacts, settings, now }: Shown) {
  const { service } = campaign
  const parts = previewParts(parseMessage(message), recipient?.tags ?? {})
  const text = previewText(parts)
  const missing = parts.flatMap((part) => ('tag' in part && part.from === 'missing' ? [part.tag] : []))
  const { charged: _units, ...size } = measure(text, service, soundSeconds)
  const e164 = recipient?.e164 ?? null
  const country = e164 === null ? null : countryOf(e164)
  const cost = costOf(measure(text, service, soundSeconds), { service, country }, settings.creditPrices)
  const zones = recipient === null ? [settings.timeZone] : zonesOfPerson(recipient, settings.timeZone)
  const outlook = outlookOf(settings, campaign.rules, now)
  const verdict = recipient === null ? null : outlook.of({ ...recipient, missing, zones, contacts })
  const due = verdict === null || verdict.ok || verdict.due === null ? null : instantText(verdict.due)
  return {
    text,
    parts,
    missing,
    ...size,
    cost,
    country,
    zones,
    local_time: localTime(now, zones[0] ?? settings.timeZone),
    may_call: verdict === null ? null : { ok: verdict.ok, reason: verdict.ok ? null : verdict.reason, due },
  }
}

/** `2026-11-24T16:45` on the clocks of a zone. */
function localTime(now: Date, zone: string): string {
  const time = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  return time.format(now).replace(' ', 'T')
}
