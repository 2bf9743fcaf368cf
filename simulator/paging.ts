import type { ParsedUrlQuery } from 'node:querystring'
import { text } from './call-request.ts'

const DEFAULT_PAGE_SIZE = 50
const MAX_PAGE_SIZE = 1000

export interface PageRequest {
  page: number
  pageSize: number
  /** The sid after which the page begins; null: count pages from the beginning. */
  after: string | null
}

/** What a list query asks for. A token pins the page to a resource, so that new ones do not shift it. */
export function readPageRequest(query: ParsedUrlQuery): PageRequest {
  const asked = Number(text(query, 'PageSize') ?? DEFAULT_PAGE_SIZE)
  const page = Number(text(query, 'Page') ?? 0)
  const token = text(query, 'PageToken')
  return {
    page: Number.isInteger(page) && page >= 0 ? page : 0,
    pageSize: Number.isInteger(asked) && asked >= 1 ? Math.min(MAX_PAGE_SIZE, asked) : DEFAULT_PAGE_SIZE,
    after: token === null ? null : token.replace(/^P[AB]/, ''),
  }
}

/** One page of a list that is already filtered, newest first, in the carrier's envelope. */
export function pageOf<Item>(
  items: Iterable<Item>,
  asked: PageRequest,
  list: {
    name: string
    path: string
    query: ParsedUrlQuery
    sidOf(item: Item): string
    show(item: Item): unknown
  },
): Record<string, unknown> {
  const shown: Item[] = []
  const skip = asked.after === null ? asked.page * asked.pageSize : 0
  let reached = asked.after === null
  let passed = 0
  let more = false
  for (const item of items) {
    if (!reached) {
      reached = list.sidOf(item) === asked.after
      continue
    }
    passed += 1
    if (passed <= skip) continue
    if (shown.length === asked.pageSize) {
      more = true
      break
    }
    shown.push(item)
  }
  const last = shown.at(-1)
  const start = asked.page * asked.pageSize
  const link = (page: number, token: string | null): string => linkTo(list, asked.pageSize, page, token)
  return {
    first_page_uri: link(0, null),
    end: start + Math.max(0, shown.length - 1),
    next_page_uri: more && last !== undefined ? link(asked.page + 1, `PA${list.sidOf(last)}`) : null,
    page: asked.page,
    page_size: asked.pageSize,
    previous_page_uri: asked.page > 0 ? link(asked.page - 1, null) : null,
    start,
    uri: link(asked.page, asked.after === null ? null : `PA${asked.after}`),
    [list.name]: shown.map((item) => list.show(item)),
  }
}

function linkTo(
  list: { path: string; query: ParsedUrlQuery },
  pageSize: number,
  page: number,
  token: string | null,
): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(list.query)) {
    if (name === 'Page' || name === 'PageSize' || name === 'PageToken') continue
    for (const part of Array.isArray(value) ? value : [value ?? '']) parameters.append(name, part)
  }
  parameters.set('PageSize', String(pageSize))
  parameters.set('Page', String(page))
  if (token !== null) parameters.set('PageToken', token)
  return `${list.path}?${parameters.toString()}`
}
