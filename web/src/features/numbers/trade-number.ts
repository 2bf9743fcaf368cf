import { answered, api } from '../../lib/api.ts'

/** The same key asks for the same purchase again: a lost answer never buys twice. */
export function buyNumber({ sid, key }: { sid: string; key: string }) {
  const headers = { 'Idempotency-Key': key }
  return answered(api.POST('/api/system/phone_numbers/', { body: { phone_sid: sid }, headers }))
}

export function releaseNumber(sid: string) {
  return answered(api.DELETE('/api/system/phone_numbers/', { params: { query: { phone_sid: sid } } }))
}

export function renameNumber({ sid, name }: { sid: string; name: string }) {
  return answered(api.PATCH('/api/system/phone_numbers/', { body: { phone_sid: sid, friendly_name: name } }))
}
