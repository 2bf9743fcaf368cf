/** What a run would do that its owner may not have meant. Pure. */
import type { Campaign } from './campaign-store.ts'
import type { createEstimate } from './estimate.ts'
import { tagKey, tagsOf, type Message } from './message.ts'

export type Warning = { code: string; tag?: string; count?: number; message: string }

type Figures = Omit<ReturnType<ReturnType<typeof createEstimate>['result']>, 'wrongZones'>

/** Segments from which on a text is told to be long. */
const longText = 4

export function warningsOf(known: {
  figures: Figures
  wrongZones: number
  message: Message
  campaign: Campaign
}): Warning[] {
  const { figures, wrongZones, message, campaign } = known
  const { numbers, when } = figures
  const used = new Set(tagsOf(message))
  const warnings: Warning[] = []
  for (const { tag, missing } of figures.tags)
    if (missing > 0)
      warnings.push({
        code: 'tag_missing',
        tag,
        count: missing,
        message: `${missing} numbers have no ${tag} and will be skipped. Write {${tag}|…} to say something else to them.`,
      })
  const unused = campaign.usableTags.filter((tag) => !used.has(tagKey(tag)))
  if (used.size > 0 && unused.length > 0)
    warnings.push({
      code: 'tag_unused',
      count: unused.length,
      message: `The message does not use ${unused.slice(0, 10).join(', ')}.`,
    })
  const listed = numbers.set_aside.find(({ reason }) => reason === 'do_not_call')?.count ?? 0
  const never = numbers.set_aside.find(({ reason }) => reason === 'never_within_calling_hours')?.count ?? 0
  if (listed > 0)
    add('do_not_call', listed, `${listed} numbers are on the do-not-call list and will be skipped.`)
  if (never > 0)
    add('never_open', never, `${never} numbers are never within the calling hours and will be skipped.`)
  if (numbers.unusual > 0)
    add('unusual_numbers', numbers.unusual, `${numbers.unusual} numbers are of no range in use and may fail.`)
  if (wrongZones > 0)
    add(
      'invalid_timezone_tag',
      wrongZones,
      `${wrongZones} numbers name a time zone that does not exist; the zone of the number is used.`,
    )
  if (when.opens_later > 0)
    add(
      'closed_now',
      when.opens_later,
      `${when.opens_later} numbers are outside the calling hours now and will wait.`,
    )
  if (when.capped > 0)
    add(
      'frequency_cap',
      when.capped,
      `${when.capped} numbers were contacted as often as the frequency cap allows and will wait.`,
    )
  const most = figures.message.segments?.most ?? 0
  if (campaign.service === 'SMS' && most >= longText)
    add('long_text', most, `The text takes up to ${most} segments, each of which is charged.`)
  return warnings

  function add(code: string, count: number, sentence: string): void {
    warnings.push({ code, count, message: sentence })
  }
}
