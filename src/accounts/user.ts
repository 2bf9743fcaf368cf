import type { Role } from '../http/principal.ts'

/** A person. Times are instants, the phone is as it was given. */
export type User = {
  id: string
  workspaceId: number
  email: string
  username: string
  role: Role
  isOwner: boolean
  firstName: string
  lastName: string
  phone: string
  address: string
  /** Null: the workspace's. */
  timeZone: string | null
  profileImage: string | null
  dialerUserId: string | null
  isVerifiedEmail: boolean
  isVerifiedPhone: boolean
  isVerifiedPayment: boolean
  isActive: boolean
  createdAt: Date
  /** The profiles that come with a role. */
  agentId: string | null
  heroId: number | null
}
