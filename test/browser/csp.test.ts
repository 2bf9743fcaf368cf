/** Every page of the console in a real browser, held to the policy that its answers carry. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pages } from '../../src/http/console-files.ts'
import { openConsole, type Console } from './console.ts'

let trunkline: Console
beforeAll(async () => {
  trunkline = await openConsole()
})
afterAll(() => trunkline?.close())

// What runs in a page is text here: this program has no window.
const note = `window.violations = []
  document.addEventListener('securitypolicyviolation', (event) =>
    window.violations.push(event.effectiveDirective + ' ' + event.blockedURI))`
/** A page is drawn when it is drawn. */
const slowly = { timeout: 30_000 }
const elsewhere = ['/campaigns/new', '/docs/', '/docs/errors/', '/docs/errors/missing_field']

test('no page does what the policy forbids, and nothing on one comes from another host', async () => {
  const page = await trunkline.open('/live', 'admin@demo.test')
  const told: string[] = []
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) told.push(message.text())
  })
  page.on('pageerror', (error) => told.push(`${page.url()}: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(trunkline.server.url) && !/^(data|blob):/.test(request.url()))
      told.push(`${page.url()} asks ${request.url()}`)
  })
  await page.addInitScript(note)
  for (const path of [...pages.map((one) => one.replaceAll(/:\w+/g, '1')), ...elsewhere]) {
    const answer = await page.goto(`${trunkline.server.url}${path}`)
    const policy = answer?.headers()['content-security-policy']
    expect([path, policy]).toEqual([path, expect.stringContaining("script-src 'self';")])
    await expect
      .poll(() => page.evaluate('document.body.innerText.trim().length'), slowly)
      .toBeGreaterThan(10)
    const violations: unknown = await page.evaluate('window.violations')
    expect([path, violations]).toEqual([path, []])
  }
  expect(told).toEqual([])
})

test('a script that somebody brought into a page does not run', async () => {
  const page = await trunkline.open('/live', 'admin@demo.test')
  await page.evaluate(note)
  await page.evaluate(`
    const inline = document.createElement('script')
    inline.textContent = 'window.ran = true'
    const picture = document.createElement('div')
    picture.innerHTML = '<img src="data:," onerror="window.ran = true"><a href="javascript:window.ran=true">x</a>'
    const foreign = document.createElement('script')
    foreign.src = 'https://elsewhere.test/x.js'
    document.body.append(inline, picture, foreign)
    picture.querySelector('a').click()`)
  const refused = 'window.violations.filter((one) => one.startsWith("script-src")).length'
  await expect.poll(() => page.evaluate(refused), slowly).toBe(4)
  expect(await page.evaluate('window.ran === undefined')).toBe(true)
})
