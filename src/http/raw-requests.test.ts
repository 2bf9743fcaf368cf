import { expect, test } from 'vitest'
import { createHttpWorld } from '../../test/http-world.ts'

test('a webhook that is refused carries the headers of every answer', async () => {
  const world = await createHttpWorld()
  try {
    const url = await world.app.listen({ port: 0, host: '127.0.0.1' })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await fetch(`${url}/hooks/voice/x/status`, { method: 'POST', headers, body: 'a=b' })
    expect(answer.status).toBe(403)
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  } finally {
    await world.close()
  }
})
