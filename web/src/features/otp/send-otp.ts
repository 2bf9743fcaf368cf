import { answered, api } from '../../lib/api.ts'
import type { OtpWish } from '../../lib/number-types.ts'

/** What a person at the console is told of a code that was sent: not the code. */
export async function sendOtp(body: OtpWish): Promise<{ otpId: string; expiresAt: string }> {
  const { data } = await answered(api.POST('/api/system/send/otp/', { body }))
  return { otpId: data.details.otp_id, expiresAt: data.details.expires_at }
}

export async function verifyOtp(body: { number?: string; otp_id?: string; otp: string }) {
  return (await answered(api.POST('/api/system/verify/otp/', { body }))).data
}
