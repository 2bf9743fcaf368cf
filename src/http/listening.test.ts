import { createServer } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { ConfigError } from '../config-reader.ts'
import { silentLog } from '../log.ts'
import { createShell } from './app-shell.ts'
import { listenAt, type Place } from './listening.ts'

const other = createServer()
afterAll(() => new Promise((closed) => other.close(closed)))

const nobody = async () => false

async function problemAt(place: Place): Promise<string> {
  const app = await createShell({
    log: silentLog,
    trustedProxies: [],
    publicUrl: null,
    mayReadAnswers: nobody,
  })
  const error = await listenAt(app, place).catch((caught: unknown) => caught)
  await app.close()
  expect(error).toBeInstanceOf(ConfigError)
  return error instanceof ConfigError ? error.message : ''
}

test('a port that is taken and an address of another machine are told as what to set', async () => {
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  expect(await problemAt({ host: '127.0.0.1', port })).toContain(`PORT is ${port}, and another program`)
  expect(await problemAt({ host: '192.0.2.1', port: 0 })).toContain('HOST is "192.0.2.1"')
})
