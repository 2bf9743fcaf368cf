import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { CONFERENCE_EVENTS, type ConferenceWish } from './conference.ts'

export interface Say {
  verb: 'Say'
  text: string
  loop: number
}
export interface Play {
  verb: 'Play'
  url: string
  loop: number
}
export interface Pause {
  verb: 'Pause'
  seconds: number
}
/** What may be heard while keys are awaited. */
export type Prompt = Say | Play | Pause
export interface Gather {
  verb: 'Gather'
  prompts: Prompt[]
  /** How many keys end the input; null: no number of keys does. */
  numDigits: number | null
  timeoutSeconds: number
  finishOnKey: string
  /** Empty: the document's own address. */
  action: string
  method: 'GET' | 'POST'
  actionOnEmptyResult: boolean
}
export interface Redirect {
  verb: 'Redirect'
  url: string
  method: 'GET' | 'POST'
}
/** Rings one number and joins it with the call, or takes the call to a conference. */
export interface Dial {
  verb: 'Dial'
  /** Then there is no number. */
  conference: ConferenceWish | null
  number: string
  /** What the number is shown; null: the number this call was made from. */
  callerId: string | null
  ringTimeoutSeconds: number
  timeLimitSeconds: number
  /** Empty: the document goes on after the call. */
  action: string
  method: 'GET' | 'POST'
  statusCallback: string | null
  statusCallbackMethod: 'GET' | 'POST'
  /** Words as they were written; those that are no event are passed over. */
  statusCallbackEvent: string
}
export type Verb =
  | Prompt
  | Gather
  | Redirect
  | Dial
  | { verb: 'Hangup' }
  | { verb: 'Reject' }
  | { verb: 'Unknown'; name: string }

export type Instructions = { ok: true; verbs: Verb[] } | { ok: false; reason: string }

/** A loop of 0 means "for ever", which a call's time limit ends long before this many rounds. */
const ENDLESS_ROUNDS = 10_000

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  ignoreDeclaration: true,
  trimValues: false,
  htmlEntities: true,
})

/** Reads a TwiML document into what is to be done, in order. Verbs that are not simulated come out as `Unknown`. */
export function parseTwiml(document: string): Instructions {
  const valid = XMLValidator.validate(document)
  if (valid !== true) return { ok: false, reason: `not well-formed XML: ${valid.err.msg}` }
  const nodes = (parser.parse(document) as unknown[]).map(toNode)
  const response = nodes.find((node) => node.name === 'Response')
  if (!response) return { ok: false, reason: 'the document has no Response element' }
  return { ok: true, verbs: verbsOf(response.children) }
}

interface Node {
  name: string
  attributes: Record<string, string>
  children: Node[]
  text: string
}

function verbsOf(nodes: Node[]): Verb[] {
  return nodes.filter((node) => !node.name.startsWith('#') && !node.name.startsWith('?')).map(toVerb)
}

function toVerb(node: Node): Verb {
  switch (node.name) {
    case 'Say':
      return { verb: 'Say', text: node.text.trim().replace(/\s+/g, ' '), loop: rounds(node) }
    case 'Play':
      return { verb: 'Play', url: node.text.trim(), loop: rounds(node) }
    case 'Pause':
      return { verb: 'Pause', seconds: whole(node.attributes['length'], 1) }
    case 'Gather':
      return toGather(node)
    case 'Redirect':
      return { verb: 'Redirect', url: node.text.trim(), method: httpMethod(node) }
    case 'Dial':
      return toDial(node)
    case 'Hangup':
      return { verb: 'Hangup' }
    case 'Reject':
      return { verb: 'Reject' }
    default:
      return { verb: 'Unknown', name: node.name }
  }
}

function toGather(node: Node): Gather {
  const numDigits = whole(node.attributes['numDigits'], 0)
  return {
    verb: 'Gather',
    prompts: verbsOf(node.children).filter(isPrompt),
    numDigits: numDigits > 0 ? numDigits : null,
    timeoutSeconds: whole(node.attributes['timeout'], 5),
    finishOnKey: node.attributes['finishOnKey'] ?? '#',
    action: node.attributes['action'] ?? '',
    method: httpMethod(node),
    actionOnEmptyResult: node.attributes['actionOnEmptyResult'] === 'true',
  }
}

/** Of several numbers, the first is rung. */
function toDial(node: Node): Dial {
  const number = node.children.find((child) => child.name === 'Number')
  const conference = node.children.find((child) => child.name === 'Conference')
  const { attributes } = node
  return {
    verb: 'Dial',
    conference: conference === undefined ? null : toConference(conference),
    number: (number ?? node).text.replace(/[\s().-]/g, ''),
    callerId: attributes['callerId'] ?? null,
    ringTimeoutSeconds: whole(attributes['timeout'], 30),
    timeLimitSeconds: whole(attributes['timeLimit'], 14_400),
    action: attributes['action'] ?? '',
    method: httpMethod(node),
    statusCallback: number?.attributes['statusCallback'] ?? null,
    statusCallbackMethod:
      number?.attributes['statusCallbackMethod']?.toUpperCase() === 'GET' ? 'GET' : 'POST',
    statusCallbackEvent: number?.attributes['statusCallbackEvent'] ?? '',
  }
}

/** Events that were not asked for are not told; without a word, none is. */
function toConference({ attributes, text }: Node): ConferenceWish {
  const asked = (attributes['statusCallbackEvent'] ?? '').split(/[\s,]+/)
  return {
    name: text.trim(),
    label: attributes['participantLabel'] ?? null,
    startOnEnter: attributes['startConferenceOnEnter'] !== 'false',
    endOnExit: attributes['endConferenceOnExit'] === 'true',
    statusCallback: attributes['statusCallback'] ?? null,
    statusCallbackMethod: attributes['statusCallbackMethod']?.toUpperCase() === 'GET' ? 'GET' : 'POST',
    statusCallbackEvents: CONFERENCE_EVENTS.filter((event) => asked.includes(event)),
  }
}

function isPrompt(verb: Verb): verb is Prompt {
  return verb.verb === 'Say' || verb.verb === 'Play' || verb.verb === 'Pause'
}

function rounds(node: Node): number {
  const loop = whole(node.attributes['loop'], 1)
  return loop === 0 ? ENDLESS_ROUNDS : loop
}

function whole(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise
}

function httpMethod(node: Node): 'GET' | 'POST' {
  return node.attributes['method']?.toUpperCase() === 'GET' ? 'GET' : 'POST'
}

/** The parser's ordered form is an object with one member for the element and one, `:@`, for its attributes. */
function toNode(raw: unknown): Node {
  const record = raw as Record<string, unknown>
  const name = Object.keys(record).find((key) => key !== ':@') ?? ''
  const content = record[name]
  if (!Array.isArray(content)) {
    return { name, attributes: {}, children: [], text: typeof content === 'string' ? content : '' }
  }
  const children = content.map(toNode)
  return {
    name,
    attributes: (record[':@'] ?? {}) as Record<string, string>,
    children,
    text: children.map((child) => child.text).join(''),
  }
}
