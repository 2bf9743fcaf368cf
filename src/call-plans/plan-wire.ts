/** Plans as they are answered. Pure. */
import { Type } from '@fastify/type-provider-typebox'
import { wholeSecondsText } from '../http/instants.ts'
import { frequencies } from './plan-dates.ts'
import type { Plan } from './plan.ts'

const instant = Type.String({ description: 'UTC, whole seconds' })

const Person = Type.Object(
  {
    name: Type.String(),
    phone: Type.String(),
    status: Type.String(),
    time_zone: Type.Union([Type.String(), Type.Null()]),
    agent: Type.Union([Type.String(), Type.Null()], { description: 'The id of the person who works on it' }),
  },
  { description: 'The lead, with expand=person only' },
)

export const PlanSchema = Type.Object({
  id: Type.Integer(),
  lead: Type.Integer(),
  frequency: Type.String({ description: frequencies.join(', ') }),
  last_called: Type.Union([instant, Type.Null()]),
  next_call_date: instant,
  notes: Type.String(),
  paused: Type.Optional(
    Type.Boolean({ description: 'True, and only there, while the lead is on do-not-call or closed' }),
  ),
  person: Type.Optional(Person),
})

/** The members that the documents show; a paused plan says so. */
export function planWire(plan: Plan) {
  return {
    id: plan.id,
    lead: plan.leadId,
    frequency: plan.frequency,
    last_called: plan.lastCalled === null ? null : wholeSecondsText(plan.lastCalled),
    next_call_date: wholeSecondsText(plan.nextCallDate),
    notes: plan.notes,
    ...(plan.paused ? { paused: true } : {}),
  }
}
