/** A room is where the calls of an agreed time meet: a conference at the carrier. Pure. */
import { createHmac } from 'node:crypto'
import { deriveKey } from '../http/derived-key.ts'

export type RoomSide = 'hero' | 'user'

/** What a call is told about its room: whose call it is there, and after how long it is ended by the carrier. */
export type Room = { name: string; side: RoomSide; seconds: number }

export type RoomNames = (room: { workspaceId: number; name: string }) => string

/**
 * The name of a room at the carrier. An account knows one conference of each name, so the name belongs to one
 * workspace of one installation: others that share the account can never come into the room.
 */
export function createRoomNames(secretKey: string): RoomNames {
  const key = deriveKey(secretKey, 'rooms')
  return ({ workspaceId, name }) => {
    const mark = createHmac('sha256', key).update(`${workspaceId} ${name}`).digest('base64url')
    return `${name}-${mark.slice(0, 22)}`
  }
}
