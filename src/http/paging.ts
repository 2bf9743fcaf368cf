import { Type, type TSchema } from '@fastify/type-provider-typebox'
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'

export const pageSizeDefault = 10
export const pageSizeMost = 100

/** The query of a list in pages. A size beyond the maximum is read as the maximum. */
export const PageQuery = {
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: 1 })),
  page_size: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: pageSizeDefault })),
}

/** The schema of `{count, next, previous, results}`. */
export function pageOf<Item extends TSchema>(item: Item) {
  return Type.Object({
    count: Type.Union([Type.Integer(), Type.Null()]),
    next: Type.Union([Type.String(), Type.Null()]),
    previous: Type.Union([Type.String(), Type.Null()]),
    results: Type.Array(item),
  })
}

export type Page<Item> = {
  count: number | null
  next: string | null
  previous: string | null
  results: Item[]
}
export type PageRequest = { page: number; size: number; offset: number }

/** Which rows a query asks for. */
export function readPage(query: { page?: number | undefined; page_size?: number | undefined }): PageRequest {
  const size = Math.min(query.page_size ?? pageSizeDefault, pageSizeMost)
  const page = query.page ?? 1
  return { page, size, offset: (page - 1) * size }
}

/** One page as `{count, next, previous, results}`. Throws `invalid_page` (404) beyond the end; page 1 always exists. */
export function pageAnswer<Item>(
  request: FastifyRequest,
  publicUrl: string | null,
  page: PageRequest & { count: number; results: Item[] },
): Page<Item> {
  const last = requirePage(page)
  return {
    count: page.count,
    next: page.page < last ? pageUrl(request, publicUrl, { page: String(page.page + 1) }) : null,
    previous: page.page > 1 ? pageUrl(request, publicUrl, { page: String(page.page - 1) }) : null,
    results: page.results,
  }
}

/** The pagination of the campaign list; `links` names every page once there are several (at most 1,000). */
export function pageLinks(
  request: FastifyRequest,
  publicUrl: string | null,
  page: PageRequest & { count: number },
): {
  total_items: number
  total_pages: number
  page_number: number
  has_next: boolean
  has_previous: boolean
  links: { page: number; url: string }[]
} {
  const last = requirePage(page)
  const listed = last === 1 ? 0 : Math.min(last, 1_000)
  return {
    total_items: page.count,
    total_pages: last,
    page_number: page.page,
    has_next: page.page < last,
    has_previous: page.page > 1,
    links: Array.from({ length: listed }, (_, index) => ({
      page: index + 1,
      url: pageUrl(request, publicUrl, { page: String(index + 1) }),
    })),
  }
}

/** This request's address with other query members; null removes one. Absolute. */
export function pageUrl(
  request: FastifyRequest,
  publicUrl: string | null,
  members: Readonly<Record<string, string | null>>,
): string {
  const url = new URL(request.url, publicUrl ?? originOf(request))
  for (const [name, value] of Object.entries(members)) {
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  return url.href
}

/** The origin under which this request came, as far as the proxies in front are trusted. */
export function originOf(request: FastifyRequest): string {
  const origin = `${request.protocol}://${request.host}`
  return URL.canParse(origin) ? origin : 'http://localhost'
}

function requirePage(page: PageRequest & { count: number }): number {
  const last = Math.max(1, Math.ceil(page.count / page.size))
  if (page.page > last) throw new AppError('not_found', 'invalid_page', 'Invalid page.', { param: 'page' })
  return last
}

/**
 * Opaque cursors: where a list goes on. They are signed, so that what comes back is what was given out, and bound to
 * the list (`name` with its filters), so that a cursor of one list is not read in another.
 */
export function createCursors(key: Buffer) {
  const signatureOf = (name: string, payload: string) =>
    createHmac('sha256', key).update(`${name}\n${payload}`).digest().subarray(0, 12)
  return {
    write(name: string, after: readonly (string | number | null)[]): string {
      const payload = Buffer.from(JSON.stringify(after)).toString('base64url')
      return `${payload}.${signatureOf(name, payload).toString('base64url')}`
    },
    /** Throws `invalid_cursor` (400) for anything `write` did not make for this list. */
    read(name: string, cursor: string): (string | number | null)[] {
      const [payload = '', signature = ''] = cursor.split('.')
      const given = Buffer.from(signature, 'base64url')
      const wanted = signatureOf(name, payload)
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
        throw new AppError(
          'invalid',
          'invalid_cursor',
          'The cursor is not one of this list. Begin without it.',
          {
            param: 'cursor',
          },
        )
      }
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as (string | number | null)[]
    },
  }
}

export type Cursors = ReturnType<typeof createCursors>
