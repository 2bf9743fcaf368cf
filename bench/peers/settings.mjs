// What every program here takes from the environment, in one place.

const whole = (name, fallback) => {
  const text = process.env[name]
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`${name} is "${text}": give a whole number, 0 or more`)
  return value
}

export const settings = {
  databaseUrl: process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/bench',
  redisUrl: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379',
  /** Empty: the program starts the fake carrier itself and ends it. */
  carrierUrl: process.env.CARRIER_URL ?? '',
  carrierDelayMs: whole('CARRIER_DELAY_MS', 0),
  callbackConnections: whole('CALLBACK_CONNECTIONS', 256),
  accountSid: process.env.ACCOUNT_SID ?? `AC${'0'.repeat(32)}`,
  authToken: process.env.AUTH_TOKEN ?? 'peers-measure-with-this',
  fromNumber: process.env.FROM_NUMBER ?? '+15550000000',
  count: whole('N', 0),
  concurrency: whole('CONCURRENCY', 100),
  batch: whole('BATCH', 500),
  openCalls: whole('OPEN_CALLS', 1000),
  databaseConnections: whole('DATABASE_CONNECTIONS', 16),
  deadlineSeconds: whole('MAX_SECONDS', 300),
}

export const basicAuthorization = `Basic ${Buffer.from(`${settings.accountSid}:${settings.authToken}`).toString('base64')}`

/** The recipients of every program are numbered 1 … N; these numbers cannot ring anybody. */
export const firstPhone = 15551000000
