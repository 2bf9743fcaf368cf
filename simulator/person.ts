import { magicNumber } from './magic-numbers.ts'
import { planCall, PROFILES, type Profile } from './profile.ts'
import type { Workshop } from './workshop.ts'

/** The behaviour of the called person: that of the magic number, else of the profile. */
export function planOf(
  shop: Pick<Workshop, 'profile' | 'seed'>,
  to: string,
  attempt: number,
): ReturnType<typeof planCall> {
  const magic = magicNumber(to)
  if (magic?.plan) return magic.plan(attempt)
  const profile: Profile = magic ? PROFILES.default : shop.profile
  return planCall(profile, { seed: shop.seed, to, attempt })
}
