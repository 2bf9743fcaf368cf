import { queryOptions } from '@tanstack/react-query'
import { answered, api } from '../../lib/api.ts'

export const voicesQuery = queryOptions({
  queryKey: ['voices'] as const,
  queryFn: async ({ signal }) => {
    const { data } = await answered(api.GET('/api/system/voices/', { signal }))
    return data.voices
  },
  staleTime: Infinity,
})

/** The path of the sentence as sound. */
export async function speak(message: string, voice: string): Promise<string> {
  const body = { message, voice_input: voice }
  const { data } = await answered(api.POST('/api/system/test/voice/', { body }))
  return new URL(data.audio_url, location.origin).pathname
}
