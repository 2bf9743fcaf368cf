import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError, origin, readConfig } from './config.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'config '))
afterAll(() => rmSync(dataDir, { recursive: true }))

const live = {
  CARRIER: 'twilio',
  TWILIO_ACCOUNT_SID: `AC${'0a'.repeat(16)}`,
  TWILIO_AUTH_TOKEN: 'token',
  PUBLIC_URL: 'https://calls.example.com/',
}

function read(env: Record<string, string>) {
  return readConfig({ DATA_DIR: dataDir, ...env })
}

function problemsOf(env: Record<string, string>): string[] {
  try {
    read(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map((problem) => problem.name)
  }
}

describe('readConfig', () => {
  it('an empty environment is a local server with a simulated carrier of its own', () => {
    const config = read({})
    expect(config).toMatchObject({ host: '127.0.0.1', port: 8000, databaseUrl: null, publicUrl: null })
    expect(config).toMatchObject({
      timeZone: 'UTC',
      defaultRegion: 'NP',
      logLevel: 'info',
      trustedProxies: [],
      failpoints: null,
    })
    expect(config.carrier).toMatchObject({
      kind: 'simulated',
      live: false,
      embedded: true,
      port: 0,
      speed: 1,
    })
    expect(config.carrier).toMatchObject({
      callsPerSecond: 200,
      maxConcurrentCalls: 1_000,
      unknownAfterSeconds: 120,
    })
    expect(config.carrier.accountSid).toMatch(/^AC[0-9a-f]{32}$/)
    expect(origin(config)).toBe('http://127.0.0.1:8000')
    expect(Object.isFrozen(config) && Object.isFrozen(config.carrier)).toBe(true)
  })

  it('an empty or blank variable counts as not set', () => {
    expect(read({ PORT: '', TIME_ZONE: ' ', PUBLIC_URL: '' })).toMatchObject({ port: 8000, timeZone: 'UTC' })
  })

  it('every problem is reported at once, with its name, its value and what is accepted', () => {
    const env = {
      PORT: '80a',
      TIME_ZONE: 'Mars/Olympus',
      DEFAULT_REGION: 'Nepal',
      LOG_LEVEL: 'loud',
      TRUSTED_PROXIES: '10.0.0.0/33',
      CARRIER_SPEED: '0',
      CALLS_PER_SECOND: '-1',
      MAX_CONCURRENT_CALLS: '1.5',
      PUBLIC_URL: 'calls.example.com',
      CALLER_ID: '9841',
      CLOCK_START: '2026-11-20T08:00',
      SMTP_URL: 'mail.example.com',
      ADMIN_EMAIL: 'admin@example.com',
    }
    expect(problemsOf(env).sort()).toEqual(
      [...Object.keys(env).filter((name) => name !== 'ADMIN_EMAIL'), 'ADMIN_PASSWORD'].sort(),
    )
    expect(() => read(env)).toThrow('PORT is "80a"; it has to be a whole number from 0 to 65535.')
  })

  it('no message repeats a secret', () => {
    const secret = 'hunter2'
    const env = {
      SECRET_KEY: secret,
      DATABASE_URL: `mysql://root:${secret}@db/x`,
      ADMIN_PASSWORD: secret,
      SMTP_URL: secret,
    }
    expect(problemsOf(env)).toEqual([
      'DATABASE_URL',
      'SECRET_KEY',
      'ADMIN_PASSWORD',
      'ADMIN_EMAIL',
      'SMTP_URL',
    ])
    expect(() => read(env)).not.toThrow(secret)
  })

  it('the secret key is made once, kept in a private file, and required beside a database of your own', () => {
    const first = read({})
    expect(first.secretKey.length).toBeGreaterThanOrEqual(32)
    expect(read({}).secretKey).toBe(first.secretKey)
    const path = join(dataDir, 'secret-key')
    expect(readFileSync(path, 'utf8').trim()).toBe(first.secretKey)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const external = { DATABASE_URL: 'postgres://user:password@db:5432/trunkline' }
    expect(problemsOf(external)).toEqual(['SECRET_KEY'])
    expect(read({ ...external, SECRET_KEY: 'k'.repeat(32) }).secretKey).toBe('k'.repeat(32))
  })

  it('a live carrier needs its credentials and a public address, refuses another clock and being made to fail', () => {
    expect(problemsOf({ CARRIER: 'twilio' })).toEqual([
      'TWILIO_ACCOUNT_SID',
      'TWILIO_AUTH_TOKEN',
      'PUBLIC_URL',
    ])
    const config = read(live)
    expect(config.carrier).toMatchObject({
      live: true,
      embedded: false,
      callsPerSecond: 1,
      maxConcurrentCalls: 20,
    })
    expect(config.carrier.apiBaseUrl).toBe('https://api.twilio.com')
    expect(origin(config)).toBe('https://calls.example.com')
    expect(problemsOf({ ...live, CLOCK_START: '2026-11-20T08:00:00Z' })).toEqual(['CLOCK_START'])
    expect(problemsOf({ ...live, FAILPOINTS: 'count' })).toEqual(['FAILPOINTS'])
    expect(read({ ...live, TWILIO_API_BASE_URL: 'http://127.0.0.1:9000' }).carrier.live).toBe(true)
  })

  it('a simulated carrier elsewhere is not started here, and only one on this machine has default credentials', () => {
    const local = read({ TWILIO_API_BASE_URL: 'http://127.0.0.1:9000/' }).carrier
    expect(local).toMatchObject({ live: false, embedded: false, apiBaseUrl: 'http://127.0.0.1:9000' })
    expect(problemsOf({ TWILIO_API_BASE_URL: 'http://carrier.test' })).toEqual([
      'TWILIO_ACCOUNT_SID',
      'TWILIO_AUTH_TOKEN',
      'PUBLIC_URL',
    ])
  })

  it('the real carrier cannot be reached as a simulated one', () => {
    expect(
      problemsOf({ ...live, CARRIER: 'simulated', TWILIO_API_BASE_URL: 'https://api.twilio.com' }),
    ).toEqual(['TWILIO_API_BASE_URL'])
  })
})
