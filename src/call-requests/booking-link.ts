/**
 * The signed link that lets one party move one request without signing in. It carries everything it needs: the request,
 * the side, and when it ends; a part of an HMAC makes it impossible to guess or to change.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RequestName } from './request-store.ts'
import type { Side } from './call-request.ts'

export type BookingName = RequestName & { side: Side; expiresAt: Date }
export type BookingLinks = {
  write(name: BookingName): string
  /** Null when the token was not made here or was changed. Whether it has ended is for the reader to see. */
  read(token: string): BookingName | null
}

const bodyBytes = 8 + 8 + 1 + 6
const macBytes = 16
const sides: readonly Side[] = ['user', 'hero']

export const bookingLinkDays = 30

/** `key`: for this purpose only. Links made with one key are only readable with it. */
export function createBookingLinks(key: Buffer): BookingLinks {
  const macOf = (body: Buffer) => createHmac('sha256', key).update(body).digest().subarray(0, macBytes)
  return {
    write({ workspaceId, id, side, expiresAt }) {
      const body = Buffer.alloc(bodyBytes)
      body.writeBigUInt64BE(BigInt(workspaceId))
      body.writeBigUInt64BE(BigInt(id), 8)
      body.writeUInt8(sides.indexOf(side), 16)
      body.writeUIntBE(Math.floor(expiresAt.getTime() / 1000), 17, 6)
      return Buffer.concat([body, macOf(body)]).toString('base64url')
    },
    read(token) {
      const bytes = Buffer.from(token, 'base64url')
      if (bytes.length !== bodyBytes + macBytes || bytes.toString('base64url') !== token) return null
      const body = bytes.subarray(0, bodyBytes)
      if (!timingSafeEqual(bytes.subarray(bodyBytes), macOf(body))) return null
      const side = sides[body.readUInt8(16)]
      if (side === undefined) return null
      return {
        workspaceId: Number(body.readBigUInt64BE()),
        id: Number(body.readBigUInt64BE(8)),
        side,
        expiresAt: new Date(body.readUIntBE(17, 6) * 1000),
      }
    },
  }
}

/** When a link that is given out now ends. */
export function linkEnd(now: Date): Date {
  return new Date(now.getTime() + bookingLinkDays * 24 * 60 * 60_000)
}
