/**
 * The addresses under which sound is fetched: nobody can guess one, and each ends by itself. One names the audios that
 * are heard one after the other as if they were one, and carries a part of an HMAC over everything in it, so that a
 * made-up one costs no look-up.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export type AudioName = { workspaceId: number; audioIds: readonly number[] }

export type AudioAddresses = {
  /** The path for the next two to three days, the same all day long, so that carriers keep what they fetched. */
  path(name: AudioName, wall: Date): string
  /** Null for an address that is none of ours, or that has ended. */
  read(token: string, wall: Date): AudioName | null
}

/** More in one address would be longer than carriers take. */
export const mostJoined = 40

const macBytes = 16
const headBytes = 6 + 4
const idBytes = 6
const dayMs = 86_400_000

/** Times are those of the wall: carriers do not live in product time. */
export function createAudioAddresses(key: Buffer): AudioAddresses {
  const mac = (body: Buffer): Buffer => createHmac('sha256', key).update(body).digest().subarray(0, macBytes)
  return {
    path({ workspaceId, audioIds }, wall) {
      const body = Buffer.alloc(headBytes + audioIds.length * idBytes)
      body.writeUIntBE(workspaceId, 0, 6)
      body.writeUInt32BE(Math.floor(wall.getTime() / dayMs) + 3, 6)
      for (const [index, id] of audioIds.entries()) body.writeUIntBE(id, headBytes + index * idBytes, idBytes)
      return `/audio/${Buffer.concat([body, mac(body)]).toString('base64url')}.wav`
    },
    read(token, wall) {
      const bytes = Buffer.from(token, 'base64url')
      const count = (bytes.length - headBytes - macBytes) / idBytes
      if (!Number.isInteger(count) || count < 1 || count > mostJoined) return null
      const body = bytes.subarray(0, -macBytes)
      if (!timingSafeEqual(bytes.subarray(-macBytes), mac(body))) return null
      if (body.readUInt32BE(6) * dayMs <= wall.getTime()) return null
      const audioIds = Array.from({ length: count }, (_, index) =>
        body.readUIntBE(headBytes + index * idBytes, idBytes),
      )
      return { workspaceId: body.readUIntBE(0, 6), audioIds }
    },
  }
}
