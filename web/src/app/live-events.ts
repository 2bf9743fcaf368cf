/** The one place where what the stream says becomes what the pages show. */
import { notifyManager, type QueryClient } from '@tanstack/react-query'
import { moveCalls, type Board, type BoardFilter, type Call } from '../features/calls/board.ts'
import { recentCallsKey } from '../features/calls/read-board.ts'
import { callKey } from '../features/calls/read-call.ts'
import { readSummary } from '../features/calls/read-summary.ts'
import { toCampaignStatus, type Campaign } from '../features/campaigns/campaign.ts'
import { toNumberCounts } from '../features/campaigns/progress.ts'
import { plansKey } from '../features/call-plans/read-today.ts'
import { reportKey } from '../features/campaigns/checks.ts'
import { campaignKey } from '../features/campaigns/read-campaign.ts'
import { campaignsKey, type CampaignPage } from '../features/campaigns/read-campaigns.ts'
import { importKey, type ImportProgress } from '../features/campaigns/read-import.ts'
import { numbersKey } from '../features/campaigns/read-numbers.ts'
import { creditsKey } from '../features/credits/read-credits.ts'
import { phoneNumbersKey } from '../features/numbers/read-numbers.ts'
import { otpKey } from '../features/otp/read-otp.ts'
import { messageKey } from '../features/messages/read-message.ts'
import { messagesKey, receivedKey } from '../features/messages/read-messages.ts'
import { requestsKey } from '../features/requests/read-requests.ts'
import { meKey } from '../features/accounts/read-me.ts'
import { popLead } from '../features/leads/popped.ts'
import { leadKey, leadsKey } from '../features/leads/read-leads.ts'
import { intakeKey } from '../features/intake/read-intake.ts'
import type { LiveMessage } from './live-message.ts'

const recentLimit = 2_000
/** What the stream does not tell in full is asked for again, this often at most. */
const askAgainMs = 2_000
/** A busy board is told only that much changed; reading it is how it stays right. */
const busyBoardMs = 1_000
/** A text that is looked at is told as it moves. */
const openTextMs = 200
/** A report is reckoned from every call of a campaign. */
const reportPauseMs = 4_000
/** Whoever works through plans waits for the next one. */
const plansPauseMs = 200

/** Applies everything that came since the last paint, as one change. */
export function applyLiveMessages(client: QueryClient, messages: readonly LiveMessage[]): void {
  if (messages.some((message) => message.kind === 'reset')) {
    void client.invalidateQueries()
    return
  }
  notifyManager.batch(() => {
    const changes = messages.filter((message) => message.kind === 'calls.changed')
    applyCalls(
      client,
      changes.flatMap((change) => change.calls),
    )
    if (changes.some((change) => change.more)) askAgain(client, ['calls', 'board'], busyBoardMs)
    if (changes.length > 0) askForCounts(client)
    for (const id of new Set(changes.flatMap((change) => change.campaignIds))) {
      askAgain(client, numbersKey(id))
      if (!totalsAreTold) askAgain(client, campaignKey(id))
    }
    // Whatever calls and texts do, they do for credits, and a code is as far as its text or call.
    if (messages.some(({ kind }) => kind === 'calls.changed' || kind === 'messages.changed')) {
      askAgain(client, creditsKey)
      askAgain(client, otpKey, busyBoardMs)
    }
    for (const message of messages) applyMessage(client, message)
  })
}

function applyMessage(client: QueryClient, message: LiveMessage): void {
  switch (message.kind) {
    case 'totals.changed':
      applyTotals(client, message)
      return
    case 'campaign.changed':
      updateCampaigns(client, message.campaignId, (campaign) =>
        message.status === null ? campaign : { ...campaign, status: toCampaignStatus(message.status) },
      )
      askAgain(client, campaignKey(message.campaignId))
      askAgain(client, campaignsKey)
      return
    case 'import.progress': {
      const { jobId, status, done, total, campaignId } = message
      client.setQueryData<ImportProgress>(importKey(jobId), { jobId, status, done, total })
      if (campaignId !== null) askAgain(client, campaignKey(campaignId))
      return
    }
    case 'call_plans.changed':
      askAgain(client, plansKey, plansPauseMs)
      return
    case 'messages.changed':
      askAgain(client, messagesKey, busyBoardMs)
      for (const id of message.messageIds) {
        const key = messageKey(id)
        if (client.getQueryState(key) !== undefined) askAgain(client, key, openTextMs)
      }
      for (const id of message.campaignIds) {
        askAgain(client, numbersKey(id))
        if (!totalsAreTold) askAgain(client, campaignKey(id))
      }
      return
    case 'requests.changed':
      askAgain(client, requestsKey, plansPauseMs)
      return
    case 'messages.received':
      askAgain(client, receivedKey, busyBoardMs)
      return
    case 'phone_number.changed':
      askAgain(client, [...phoneNumbersKey, 'owned'], openTextMs)
      return
    case 'otp.changed':
      askAgain(client, otpKey, openTextMs)
      return
    case 'credits.changed':
      askAgain(client, creditsKey, openTextMs)
      return
    case 'lead.changed':
      void client.invalidateQueries({ queryKey: leadKey(message.leadId) })
      askAgain(client, leadsKey)
      askAgain(client, intakeKey)
      return
    case 'lead.popped':
      // Managers hear of everybody's; the screen is the agent's own.
      if (client.getQueryData<{ id: string }>(meKey)?.id === message.agentId) popLead(message.leadId)
      return
    default:
      return
  }
}

/** Whether the stream tells totals at all; as long as it has not, they are asked for after calls changed. */
let totalsAreTold = false

function askForCounts(client: QueryClient): void {
  for (const query of client.getQueryCache().findAll({ queryKey: ['calls', 'board'], type: 'active' })) {
    const filter = filterOf(query.queryKey)
    if (isFiltered(filter) || !totalsAreTold) askForSummary(client, query.queryKey, filter)
  }
}

function applyCalls(client: QueryClient, calls: readonly Call[]): void {
  if (calls.length === 0) return
  client.setQueryData<Call[]>(recentCallsKey, (old = []) => [...old, ...calls].slice(-recentLimit))
  for (const query of client.getQueryCache().findAll({ queryKey: ['calls', 'board'] })) {
    const filter = filterOf(query.queryKey)
    client.setQueryData<Board>(query.queryKey, (board) => board && moveCalls(board, calls, filter))
  }
  for (const call of calls) {
    const key = callKey(call.call_id)
    if (client.getQueryState(key) !== undefined) askAgain(client, key)
  }
}

type Totals = Extract<LiveMessage, { kind: 'totals.changed' }>

function applyTotals(client: QueryClient, totals: Totals): void {
  totalsAreTold = true
  for (const query of client.getQueryCache().findAll({ queryKey: ['calls', 'board'] })) {
    if (isFiltered(filterOf(query.queryKey))) continue
    client.setQueryData<Board>(
      query.queryKey,
      (board) => board && { ...board, summary: { ...board.summary, ...totals.calls } },
    )
  }
  // The counts are whole: a status that is not named has no number.
  for (const { campaignId, numbers } of totals.campaigns) {
    const counts = toNumberCounts(numbers)
    updateCampaigns(client, campaignId, (campaign) => ({ ...campaign, counts }))
    askAgain(client, numbersKey(campaignId))
    askAgain(client, reportKey(campaignId), reportPauseMs)
  }
}

/** A campaign is shown by its own page and by a list: both change together. */
function updateCampaigns(client: QueryClient, id: number, change: (campaign: Campaign) => Campaign): void {
  client.setQueryData<Campaign>(campaignKey(id), (campaign) => campaign && change(campaign))
  client.setQueriesData<CampaignPage>({ queryKey: campaignsKey }, (page) => {
    if (!page?.campaigns.some((campaign) => campaign.id === id)) return page
    return { ...page, campaigns: page.campaigns.map((one) => (one.id === id ? change(one) : one)) }
  })
}

const asked = new Map<string, ReturnType<typeof setTimeout>>()

/** Reads again what is on a page just now, at most once per pause, and always once after the last change. */
function askAgain(client: QueryClient, queryKey: readonly unknown[], pauseMs = askAgainMs): void {
  oncePerPause(JSON.stringify(queryKey), pauseMs, () => void client.invalidateQueries({ queryKey }))
}

function askForSummary(client: QueryClient, queryKey: readonly unknown[], filter: BoardFilter): void {
  oncePerPause(`summary ${JSON.stringify(queryKey)}`, askAgainMs, () => {
    readSummary(filter).then(
      (summary) => client.setQueryData<Board>(queryKey, (board) => board && { ...board, summary }),
      // The next change asks again; a count that is two seconds old needs no alarm.
      () => undefined,
    )
  })
}

function oncePerPause(name: string, pauseMs: number, ask: () => void): void {
  if (asked.has(name)) return
  asked.set(
    name,
    setTimeout(() => {
      asked.delete(name)
      ask()
    }, pauseMs),
  )
}

function filterOf(queryKey: readonly unknown[]): BoardFilter {
  const members = queryKey[2]
  if (typeof members !== 'object' || members === null) return {}
  const campaign =
    'campaign' in members && typeof members.campaign === 'number' ? members.campaign : undefined
  const q = 'q' in members && typeof members.q === 'string' && members.q !== '' ? members.q : undefined
  return { campaign, q }
}

function isFiltered(filter: BoardFilter): boolean {
  return filter.campaign !== undefined || filter.q !== undefined
}
