import { EventEmitter, once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { silentLog } from '../log.ts'
import { createShell } from './app-shell.ts'
import type { RawHandler } from './raw-requests.ts'

/** An application with one raw address and one route, which answer when they are told to, and a client that keeps its connections. */
async function openApp() {
  const signals = new EventEmitter()
  const here = once(signals, 'arrived')
  const free = once(signals, 'free')
  const before: RawHandler = (request, response) => {
    if (!request.url?.startsWith('/raw')) return false
    if (request.url === '/raw/slow') signals.emit('arrived')
    void (request.url === '/raw/slow' ? free : Promise.resolve()).then(() => response.writeHead(204).end())
    return true
  }
  const app = await createShell({
    log: silentLog,
    trustedProxies: [],
    publicUrl: null,
    mayReadAnswers: async () => false,
    before,
  })
  app.get('/routed/slow', async () => {
    signals.emit('arrived')
    await free
    return {}
  })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const agent = new Agent({ keepAlive: true })
  const ask = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) =>
      get(origin + path, { agent }, resolve).on('error', reject),
    )
  return { app, ask, here, letGo: () => signals.emit('free'), agent }
}

test.each(['/raw/slow', '/routed/slow'])(
  'a server that is told to close while %s is at work ends when it is answered',
  async (path) => {
    const { app, ask, here, letGo, agent } = await openApp()
    await text(await ask('/raw/first'))
    const answer = ask(path)
    await here
    const closed = app.close()
    await vi.waitUntil(() => !app.server.listening)
    letGo()
    expect((await answer).statusCode).toBeLessThan(300)
    await text(await answer)
    await closed
    agent.destroy()
  },
  10_000,
)
