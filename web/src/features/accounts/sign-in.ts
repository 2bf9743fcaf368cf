import { answered, api } from '../../lib/api.ts'

/** Opens a session: the answer sets its cookie. `login` is an e-mail address or a username. */
export async function signIn(login: string, password: string): Promise<void> {
  await answered(api.POST('/api/accounts/login/', { body: { email: login, password } }))
}
