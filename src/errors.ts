/** What went wrong, in the caller's terms. The table below is the only place where a kind becomes a status. */
const statusByKind = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media: 415,
  unprocessable: 422,
  too_many: 429,
  unavailable: 503,
} as const

export type ErrorKind = keyof typeof statusByKind

/** One wrong field of a request. */
export type FieldProblem = { param: string; code: string; message: string }

export type ErrorDetails = {
  /** The field that was wrong, when there is only one. */
  param?: string
  errors?: readonly FieldProblem[]
  /** Whole seconds; becomes the Retry-After header. */
  retryAfterSeconds?: number
  headers?: Readonly<Record<string, string>>
  cause?: unknown
}

/**
 * An outcome the caller can act on. `code` is stable and documented; `message` is one sentence that names
 * the value that was wrong and the way out. Anything thrown that is not an AppError is a bug.
 */
export class AppError extends Error {
  readonly kind: ErrorKind
  readonly code: string
  readonly details: Omit<ErrorDetails, 'cause'>

  constructor(kind: ErrorKind, code: string, message: string, details: ErrorDetails = {}) {
    const { cause, ...rest } = details
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'AppError'
    this.kind = kind
    this.code = code
    this.details = rest
  }

  /** The HTTP status of this error. */
  get status(): number {
    return statusByKind[this.kind]
  }
}

/** The HTTP status of a kind. */
export function statusOf(kind: ErrorKind): number {
  return statusByKind[kind]
}
