/** Every code an error can carry: a title, and what to do about it. Shown at /docs/errors/<code>. */
export const errorCodes: Readonly<Record<string, { title: string; sentence: string }>> = {
  invalid: { title: 'Invalid request', sentence: 'The request does not have the documented form.' },
  missing_field: {
    title: 'Missing field',
    sentence: 'Send every required field. The body of the error lists them.',
  },
  invalid_field: {
    title: 'Invalid field',
    sentence:
      'A field has a value that is not allowed. The error names each field, its value and what is allowed.',
  },
  unreadable_body: {
    title: 'Unreadable body',
    sentence: 'The body is not what its Content-Type says. Check the quotes and commas of the JSON.',
  },
  unstorable_text: {
    title: 'Text that cannot be stored',
    sentence: 'A text holds a NUL character or half of a surrogate pair. Remove it.',
  },
  nested_too_deeply: {
    title: 'Nested too deeply',
    sentence: 'Lists and objects may be nested 32 levels deep.',
  },
  body_too_large: {
    title: 'Body too large',
    sentence: 'A body of fields may have 1 MiB. Send a file, or less at once.',
  },
  unsupported_media_type: {
    title: 'Unknown content type',
    sentence: 'Send application/json, application/x-www-form-urlencoded or multipart/form-data.',
  },
  not_authenticated: {
    title: 'Not signed in',
    sentence: 'Send an access token or an API key in the Authorization header.',
  },
  token_not_valid: {
    title: 'Token not valid',
    sentence: 'The token is wrong, expired, of the wrong kind, or was revoked. Refresh it or sign in again.',
  },
  forbidden: {
    title: 'Not allowed',
    sentence: 'Your role or your key may not do this. An administrator can change that.',
  },
  cross_site_request: {
    title: 'Request from another site',
    sentence:
      'A request that is signed in by cookie must come from the console itself. Programs send an Authorization header instead.',
  },
  not_found: { title: 'Not found', sentence: 'There is nothing at this address, or you may not see it.' },
  invalid_page: {
    title: 'Invalid page',
    sentence: 'The page lies beyond the end of the list. Begin at page 1.',
  },
  method_not_allowed: {
    title: 'Method not allowed',
    sentence: 'The address exists, but not with this method. The Allow header lists those it has.',
  },
  too_many_requests: {
    title: 'Too many requests',
    sentence: 'Wait as many seconds as the Retry-After header says.',
  },
  database_unavailable: {
    title: 'Database away',
    sentence: 'The database is not reachable right now. The same request may succeed in a moment.',
  },
  database_busy: { title: 'Database busy', sentence: 'The database took too long to answer. Try again.' },
  internal_error: {
    title: 'Internal error',
    sentence: 'Something went wrong on our side. The request id finds it in the log.',
  },
  idempotency_key_too_long: {
    title: 'Idempotency-Key too long',
    sentence: 'An Idempotency-Key has at most 255 characters.',
  },
  idempotency_in_progress: {
    title: 'Still running',
    sentence:
      'A request with this Idempotency-Key is still running. Repeat it in a moment to get its answer.',
  },
  idempotency_mismatch: {
    title: 'Key used for another request',
    sentence: 'This Idempotency-Key was used with another body. Use a new key for a new request.',
  },
}

/** `missing_field` is `Missing field`, unless the table says it better. */
export function titleOf(code: string): string {
  const known = Object.hasOwn(errorCodes, code) ? errorCodes[code] : undefined
  if (known) return known.title
  const words = code.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
