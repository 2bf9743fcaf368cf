import { answered, api } from '../../lib/api.ts'
import type { ProfileChange } from '../../lib/request-types.ts'

export function changeProfile(body: ProfileChange): Promise<unknown> {
  return answered(api.PATCH('/api/accounts/user_details/', { body }))
}

export function mailCode(): Promise<unknown> {
  return answered(api.POST('/api/accounts/verify-email/', { body: {} }))
}

export function confirmEmail(code: string): Promise<unknown> {
  return answered(api.POST('/api/accounts/verify-email/confirm/', { body: { code } }))
}

export function sendPhoneCode(channel: 'text' | 'voice'): Promise<unknown> {
  return answered(api.POST('/api/accounts/verify-phone/', { body: { channel } }))
}

export function confirmPhone(otp: string): Promise<unknown> {
  return answered(api.POST('/api/accounts/verify-phone/confirm/', { body: { otp } }))
}

export interface PaymentSetup {
  setup_id: string
  client_secret: string
  provider: string
}

export async function beginPayment(): Promise<PaymentSetup> {
  return (await answered(api.POST('/api/accounts/payment-method/', { body: {} }))).data
}

export function confirmPayment(setupId: string): Promise<unknown> {
  return answered(api.POST('/api/accounts/payment-method/confirm/', { body: { setup_id: setupId } }))
}
