import { answered, api } from '../../lib/api.ts'
import type { Setup } from '../../lib/api-types.ts'

/** Makes the owner's account, once, with the token of the link that the terminal printed. */
export async function setUp(setup: Setup): Promise<void> {
  await answered(api.POST('/api/setup/', { body: setup }))
}
