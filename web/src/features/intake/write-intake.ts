import { answered, api } from '../../lib/api.ts'
import { toApiError } from '../../lib/api-error.ts'

export function replayIntake(id: number) {
  return answered(api.POST('/api/leads/intake-log/{id}/replay/', { params: { path: { id } } }))
}

export function makeDialerKey(name: string) {
  return answered(api.POST('/api/dialer-keys/', { body: { name } }))
}

export function rotateDialerKey(id: string) {
  const body = { overlap_hours: 24 }
  return answered(api.POST('/api/dialer-keys/{id}/rotate/', { params: { path: { id } }, body }))
}

export async function deleteDialerKey(id: string): Promise<void> {
  const { response, error } = await api.DELETE('/api/dialer-keys/{id}/', { params: { path: { id } } })
  if (!response.ok) throw toApiError(response.status, error)
}

export function mapDialerUser(personId: string, dialerUserId: string | null) {
  return answered(
    api.PATCH('/api/users/{id}/', {
      params: { path: { id: personId } },
      body: { dialer_user_id: dialerUserId },
    }),
  )
}
