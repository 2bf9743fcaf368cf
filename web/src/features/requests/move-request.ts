import { answered, api } from '../../lib/api.ts'
import type { CancelBody, Hero, NewRequest, Times } from '../../lib/request-types.ts'

export function askForCall(request: NewRequest): Promise<{ id: number }> {
  return answered(api.POST('/api/v1/call-requests/', { body: request }))
}

export function accept(id: number, body: Times): Promise<unknown> {
  return answered(api.PATCH('/api/v1/call-requests/{id}/accept/', { params: { path: { id } }, body }))
}

export function proposeTimes(id: number, body: Times): Promise<unknown> {
  return answered(api.PATCH('/api/v1/call-requests/{id}/new-times/', { params: { path: { id } }, body }))
}

export function decline(id: number, reason: string): Promise<unknown> {
  const body = { reason }
  return answered(api.PATCH('/api/v1/call-requests/{id}/decline/', { params: { path: { id } }, body }))
}

export function agreeOn(id: number, time: string): Promise<unknown> {
  const body = { agreed_time: time }
  return answered(api.PATCH('/api/v1/call-requests/{id}/agreed-time/', { params: { path: { id } }, body }))
}

export function cancel(id: number, body: CancelBody): Promise<unknown> {
  return answered(api.PATCH('/api/v1/call-requests/{id}/cancel/', { params: { path: { id } }, body }))
}

/** The address of the public page of this party; of the user's when nobody in particular looks. */
export async function bookingLink(id: number): Promise<string> {
  const links = await answered(
    api.POST('/api/v1/call-requests/{id}/booking-link/', { params: { path: { id } }, body: {} }),
  )
  return links.user_url ?? links.hero_url ?? ''
}

export function changeHero(id: number, body: { bio?: string; active?: boolean }): Promise<Hero> {
  return answered(api.PATCH('/api/v1/heroes/{id}/', { params: { path: { id } }, body }))
}

export function applyAsHero(bio: string): Promise<Hero> {
  return answered(api.POST('/api/v1/heroes/', { body: { bio } }))
}
