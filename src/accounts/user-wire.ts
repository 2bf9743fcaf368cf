import { Type } from '@fastify/type-provider-typebox'
import { instantText } from '../http/instants.ts'
import { roles } from '../http/principal.ts'
import type { User } from './user.ts'

const nullable = (schema: ReturnType<typeof Type.String>) => Type.Union([schema, Type.Null()])

/** The members of a person that may be written, by whoever may write them. */
export const personMembers = {
  email: Type.String({ maxLength: 254 }),
  username: Type.Optional(Type.String({ maxLength: 150 })),
  first_name: Type.Optional(Type.String({ maxLength: 150 })),
  last_name: Type.Optional(Type.String({ maxLength: 150 })),
  phone: Type.Optional(Type.String({ maxLength: 40 })),
  contact_number: Type.Optional(Type.String({ maxLength: 40, description: 'Another name for phone' })),
  timezone: Type.Optional(nullable(Type.String({ maxLength: 60 }))),
}

export const Role = Type.Enum([...roles])

export const UserWire = Type.Object({
  id: Type.String({ format: 'uuid' }),
  email: Type.String(),
  username: Type.String(),
  first_name: Type.String(),
  last_name: Type.String(),
  role: Role,
  phone: Type.String(),
  contact_number: Type.String(),
  address: Type.String(),
  timezone: nullable(Type.String()),
  profile_image: nullable(Type.String()),
  dialer_user_id: nullable(Type.String()),
  is_verified_email: Type.Boolean(),
  is_verified_phone: Type.Boolean(),
  is_verified_payment: Type.Boolean(),
  is_active: Type.Boolean(),
  agent_id: nullable(Type.String()),
  hero_id: Type.Union([Type.Integer(), Type.Null()]),
  created: Type.String(),
})

/** A person as /api/users/ shows them. `origin` makes the address of a stored picture absolute. */
export function toUserWire(user: User, origin: string) {
  return {
    id: user.id,
    email: user.email,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    role: user.role,
    phone: user.phone,
    contact_number: user.phone,
    address: user.address,
    timezone: user.timeZone,
    profile_image: imageUrl(user, origin),
    dialer_user_id: user.dialerUserId,
    is_verified_email: user.isVerifiedEmail,
    is_verified_phone: user.isVerifiedPhone,
    is_verified_payment: user.isVerifiedPayment,
    is_active: user.isActive,
    agent_id: user.agentId,
    hero_id: user.heroId,
    created: instantText(user.createdAt),
  }
}

/** A person as they see themselves. */
export function toUserDetails(
  user: User,
  workspace: { slug: string; name: string; timeZone: string },
  origin: string,
) {
  return {
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    username: user.username,
    is_verified_email: user.isVerifiedEmail,
    contact_number: user.phone,
    is_verified_phone: user.isVerifiedPhone,
    address: user.address,
    id: user.id,
    role: user.role,
    timezone: user.timeZone ?? workspace.timeZone,
    profile_image: imageUrl(user, origin),
    is_verified_payment: user.isVerifiedPayment,
    workspace: workspace.slug,
    workspace_name: workspace.name,
    agent_id: user.agentId,
    hero_id: user.heroId,
  }
}

/** The address of a picture as pages can show it. */
export function imageUrl(user: Pick<User, 'profileImage'>, origin: string): string | null {
  return user.profileImage === null ? null : new URL(user.profileImage, origin).href
}
