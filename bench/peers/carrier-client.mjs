import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Pool } from 'undici'
import { basicAuthorization, firstPhone, settings } from './settings.mjs'

/**
 * The carrier to measure with: the one at CARRIER_URL, or a fake one of our own in a process beside this one.
 * `pid` and `totals()` are known of our own only (null otherwise).
 */
export async function openCarrier({ connections }) {
  const own = settings.carrierUrl === '' ? await startCarrier() : null
  const url = own ? own.url : settings.carrierUrl
  const pool = new Pool(url, { connections, pipelining: 1, keepAliveTimeout: 60_000 })
  const path = `/2010-04-01/Accounts/${settings.accountSid}/Calls.json`
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: basicAuthorization }
  const from = encodeURIComponent(settings.fromNumber)

  /** Resolves to the call's sid once the carrier created it; rejects on any other answer. Never posts twice. */
  async function placeCall(to, statusUrl) {
    const status = statusUrl
      ? `&StatusCallback=${encodeURIComponent(statusUrl)}&StatusCallbackEvent=initiated&StatusCallbackEvent=ringing` +
        '&StatusCallbackEvent=answered&StatusCallbackEvent=completed'
      : ''
    const body = `To=${encodeURIComponent(to)}&From=${from}&Twiml=%3CResponse%2F%3E${status}`
    const answer = await pool.request({ method: 'POST', path, headers, body })
    const created = await answer.body.json()
    if (answer.statusCode !== 201) throw new Error(`the carrier answered ${answer.statusCode}`)
    if (!/^CA[0-9a-f]{32}$/.test(created.sid)) throw new Error(`the carrier named the call "${created.sid}"`)
    return created.sid
  }

  async function totals() {
    if (!own) return null
    const answer = await pool.request({ method: 'GET', path: '/' })
    return answer.body.json()
  }

  async function close() {
    await pool.close()
    own?.child.disconnect()
  }

  return { placeCall, totals, close, pid: own ? own.child.pid : null }
}

export const phoneOf = (recipientId) => `+${firstPhone + recipientId}`

function startCarrier() {
  const child = fork(fileURLToPath(new URL('carrier.mjs', import.meta.url)))
  return new Promise((resolve, reject) => {
    child.once('message', ({ port }) => resolve({ child, url: `http://127.0.0.1:${port}` }))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the fake carrier ended with ${code}`)))
  })
}
