import { isTimeZone } from '../config-values.ts'
import { AppError } from '../errors.ts'
import { shown } from '../http/validation.ts'

/** Members of a person as they come on the wire, coerced and of the right types. */
export type UserInput = {
  email?: string
  username?: string
  first_name?: string
  last_name?: string
  phone?: string
  contact_number?: string
  address?: string
  timezone?: string | null
}

/** What is to be written; a member that is absent stays as it is. */
export type UserChange = {
  email?: string
  username?: string
  firstName?: string
  lastName?: string
  phone?: string
  address?: string
  timeZone?: string | null
}

const emailForm = /^[^\s@]{1,64}@[^\s@]{1,189}$/
const usernameForm = /^[^\s@]{1,150}$/

/**
 * Reads what a person may be changed to. `phone` and `contact_number` are one thing. Throws `invalid_field` with the
 * value and what is accepted. `oldEmail` is the e-mail before the change, null for somebody new.
 */
export function readUserChange(
  input: UserInput,
  old: { email: string; username: string } | null,
): UserChange {
  const change: UserChange = {}
  if (input.email !== undefined) change.email = readEmail(input.email)
  if (input.username !== undefined && input.username.trim() !== '') change.username = input.username.trim()
  if (input.first_name !== undefined) change.firstName = input.first_name.trim()
  if (input.last_name !== undefined) change.lastName = input.last_name.trim()
  const phone = input.phone ?? input.contact_number
  if (phone !== undefined) change.phone = phone.trim()
  if (input.address !== undefined) change.address = input.address.trim()
  if (input.timezone !== undefined) change.timeZone = readTimeZone(input.timezone)
  return withFittingUsername(change, old)
}

function readEmail(text: string): string {
  const email = text.trim()
  if (emailForm.test(email)) return email
  throw invalidField('email', `email must be an address like ann@example.com; ${shown(text)} is not.`)
}

function readTimeZone(text: string | null): string | null {
  if (text === null || text.trim() === '') return null
  if (isTimeZone(text)) return text
  throw invalidField('timezone', `timezone must be a time zone like Asia/Kathmandu; ${shown(text)} is not.`)
}

/** A username with an @ is the own e-mail or nothing; one that was the e-mail follows it. */
function withFittingUsername(
  change: UserChange,
  old: { email: string; username: string } | null,
): UserChange {
  const email = change.email ?? old?.email ?? ''
  if (change.username === undefined) {
    const followed = old !== null && change.email !== undefined && sameText(old.username, old.email)
    return followed ? { ...change, username: email } : change
  }
  if (usernameForm.test(change.username) || sameText(change.username, email)) return change
  throw invalidField(
    'username',
    `username must have 1 to 150 characters without spaces and without @; ${shown(change.username)} is not.`,
  )
}

function sameText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function invalidField(param: string, message: string): AppError {
  return new AppError('invalid', 'invalid_field', message, { param })
}
