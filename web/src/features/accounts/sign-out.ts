import { answered, api } from '../../lib/api.ts'

export async function signOut(): Promise<void> {
  await answered(api.POST('/api/accounts/logout/'))
}
