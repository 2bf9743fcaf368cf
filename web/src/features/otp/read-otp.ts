import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'

export const otpKey = ['otp'] as const
export const otpPageSize = 50

/** One page (from 1) of the codes that were sent, newest first. No answer holds a code. */
export function otpQuery(page: number) {
  return queryOptions({
    queryKey: [...otpKey, page] as const,
    queryFn: async ({ signal }) => {
      const query = { page, page_size: otpPageSize }
      return (await answered(api.GET('/api/system/otp/', { params: { query }, signal }))).data
    },
  })
}
