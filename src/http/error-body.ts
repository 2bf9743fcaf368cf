import type { AppError, FieldProblem } from '../errors.ts'
import { titleOf } from './error-codes.ts'
import type { Family } from './families.ts'

export type ErrorBody = {
  error: string
  detail: string
  success: false
  status: number
  code: string
  type: string
  title: string
  param: string | null
  errors: readonly FieldProblem[]
  request_id: string
}

/** Members of the body that a field of the same name must not overwrite. */
const ownMembers = new Set(
  `error detail success status code type title param errors request_id __proto__ constructor`.split(' '),
)

/** An AppError, or the internal error, which has no kind because nobody may throw it on purpose. */
export type AnsweredError = Pick<AppError, 'code' | 'message' | 'details' | 'status'>

/** The one error body, with what the family's own clients look for. */
export function errorBody(
  error: AnsweredError,
  family: Family,
  requestId: string,
): ErrorBody & Record<string, unknown> {
  const errors = error.details.errors ?? ownProblem(error)
  return {
    error: error.message,
    detail: error.message,
    success: false,
    status: statusFor(error, family),
    code: error.code,
    type: `/docs/errors/${error.code}`,
    title: titleOf(error.code),
    param: error.details.param ?? errors[0]?.param ?? null,
    errors,
    request_id: requestId,
    ...(family.envelope ? { message: error.message, data: {} } : {}),
    ...(family.fieldArrays ? fieldArrays(errors) : {}),
  }
}

/** The status of an error in a family: one of them answers missing credentials with 403. */
export function statusFor(error: AnsweredError, family: Family): number {
  return error.status === 401 ? family.unauthenticatedStatus : error.status
}

function ownProblem(error: AnsweredError): readonly FieldProblem[] {
  const { param } = error.details
  return param === undefined ? [] : [{ param, code: error.code, message: error.message }]
}

function fieldArrays(errors: readonly FieldProblem[]): Record<string, string[]> {
  const fields = new Map<string, string[]>()
  for (const { param, message } of errors) {
    if (ownMembers.has(param)) continue
    fields.set(param, [...(fields.get(param) ?? []), message])
  }
  return Object.fromEntries(fields)
}
