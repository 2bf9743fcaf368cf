import { magicNumber } from './magic-numbers.ts'
import { PROFILES, type Profile } from './profile.ts'
import { drawBetween, drawWeighted, seededDraw } from './random.ts'
import { ERROR_UNREACHABLE, PLAIN_TEXT_PLAN, type TextPlan } from './text-plan.ts'

/** What becomes of the nth text to a number: by its magic, else by the profile. The same key, the same plan. */
export function planText(shop: { profile: Profile; seed: string }, to: string, attempt: number): TextPlan {
  const magic = magicNumber(to)
  if (magic?.text) return magic.text
  if (magic?.plan) return PLAIN_TEXT_PLAN
  const { texts } = magic ? PROFILES.default : shop.profile
  const draw = seededDraw(shop.seed, to, attempt, 'text plan')
  const outcome = drawWeighted(draw, texts.outcomes)
  return {
    outcome,
    sendSeconds: drawBetween(draw, texts.sendSeconds),
    deliverSeconds: drawBetween(draw, texts.deliverSeconds),
    errorCode: outcome === 'undelivered' || outcome === 'failed' ? ERROR_UNREACHABLE : null,
  }
}
