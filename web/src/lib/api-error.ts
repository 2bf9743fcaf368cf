/** What the server (or the lack of one) said about a request that failed. */
export interface Problem {
  /** HTTP status; 0 when there was no answer at all. */
  status: number
  code: string
  /** The server's own sentence: what was wrong and the way out. */
  sentence: string
  requestId?: string
  /** Sentences by field, for forms. */
  fields?: Record<string, string>
}

export class ApiError extends Error {
  readonly problem: Problem

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.sentence, options)
    this.name = 'ApiError'
    this.problem = problem
  }
}

/** Reads the error body that every family of routes sends; an unreadable one still gives a sentence. */
export function toApiError(status: number, body: unknown): ApiError {
  const members = isRecord(body) ? body : {}
  const sentence = text(members['error']) ?? text(members['detail']) ?? `The server answered ${status}.`
  const requestId = text(members['request_id'])
  const fields = fieldsOf(members)
  return new ApiError({
    status,
    code: text(members['code']) ?? 'unknown',
    sentence,
    ...(requestId === undefined ? {} : { requestId }),
    ...(fields === undefined ? {} : { fields }),
  })
}

/** The same for anything that was thrown: a bug of the console is shown too, in its own words. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ApiError) return thrown.problem
  const sentence = thrown instanceof Error ? thrown.message : String(thrown)
  return { status: -1, code: 'console_error', sentence }
}

export function isSignedOut(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.problem.status === 401
}

function fieldsOf(members: Record<string, unknown>): Record<string, string> | undefined {
  const fields: Record<string, string> = {}
  const listed = Array.isArray(members['errors']) ? members['errors'] : []
  for (const entry of listed) {
    if (!isRecord(entry)) continue
    const param = text(entry['param'])
    const message = text(entry['message'])
    if (param !== undefined && message !== undefined) fields[param] ??= message
  }
  const param = text(members['param'])
  const message = text(members['error'])
  if (param !== undefined && message !== undefined) fields[param] ??= message
  return Object.keys(fields).length > 0 ? fields : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
