import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'

export const roles = ['admin', 'manager', 'agent', 'hero', 'caller'] as const
export type Role = (typeof roles)[number]

/** Who asks. Every query of a route names `workspaceId`, and it comes from nowhere else. */
export type Principal = {
  /** For an API key: the person who made it. */
  userId: string | null
  workspaceId: number
  role: Role
  agentId: string | null
  keyId: string | null
  sessionId: string | null
  /** What an API key may do; null = not a key. */
  scopes: readonly string[] | null
  /** The owner of the installation may make workspaces. */
  isOwner: boolean
}

/**
 * Who may call a route: roles, or
 * `signed_in` every role, `anyone` without credentials, `carrier` and `dialer` whoever proves it to the route itself
 * (a signature, an intake key).
 */
export type Allowed = readonly Role[] | 'signed_in' | 'anyone' | 'carrier' | 'dialer'

/** Everyone who works for the workspace. */
export const staff: readonly Role[] = ['admin', 'manager', 'agent']
export const managers: readonly Role[] = ['admin', 'manager']

/** True when the principal sees every row of the workspace, not only the own ones. */
export function seesAll(principal: Principal): boolean {
  return principal.role === 'admin' || principal.role === 'manager'
}

/** The principal of a route that requires one. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new AppError('unauthenticated', 'not_authenticated', 'Sign in first.')
  return request.principal
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
  }
  interface FastifyContextConfig {
    allow?: Allowed
    /** About the person behind the request: an API key is refused. */
    personal?: boolean
    /** A scope that suffices here beside `read` or `write`. */
    scope?: string
    /** Takes the files of a multipart body, one after the other; what it returns is in `request.received`. */
    receiveFile?: ReceiveFile
  }
}

/** One file of a multipart body. It must be read to its end or destroyed. */
export type IncomingFile = {
  field: string
  filename: string
  contentType: string
  stream: NodeJS.ReadableStream
}

export type ReceiveFile = (file: IncomingFile, request: FastifyRequest) => Promise<unknown>
