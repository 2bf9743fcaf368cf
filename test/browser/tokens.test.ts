import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const css = readFileSync(new URL('../../web/src/ui/tokens.css', import.meta.url), 'utf8')

/** The colours of one scheme by name. */
function tokensOf(scheme: 'light' | 'dark'): Record<string, string> {
  const block = css.slice(css.indexOf(`scheme='${scheme}']`)).split('}')[0] ?? ''
  const tokens = [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)]
  return Object.fromEntries(tokens.map((match) => [match[1] ?? '', match[2] ?? '']))
}

/** Relative luminance, as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

const texts = [
  ['text', 'page'],
  ['text', 'surface'],
  ['text', 'sunken'],
  ['text', 'accent-soft'],
  ['text', 'danger-soft'],
  ['muted', 'page'],
  ['muted', 'surface'],
  ['muted', 'sunken'],
  ['accent', 'page'],
  ['accent', 'surface'],
  ['accent', 'accent-soft'],
  ['on-accent', 'accent'],
  ['danger', 'surface'],
  ['danger', 'danger-soft'],
] as const

test.each(['light', 'dark'] as const)('every text of a %s page has a contrast of 4.5 at least', (scheme) => {
  const tokens = tokensOf(scheme)
  for (const [front, back] of texts) {
    const found = contrast(tokens[front] ?? '', tokens[back] ?? '')
    expect(found, `${front} on ${back}`).toBeGreaterThanOrEqual(4.5)
  }
})

test.each(['light', 'dark'] as const)('every mark of a %s page has a contrast of 3 at least', (scheme) => {
  const tokens = tokensOf(scheme)
  const marks = Object.keys(tokens).filter((name) => name.startsWith('state-') || name === 'line-strong')
  expect(marks.length).toBeGreaterThan(8)
  for (const mark of marks) {
    for (const ground of ['surface', 'sunken', 'page']) {
      const found = contrast(tokens[mark] ?? '', tokens[ground] ?? '')
      expect(found, `${mark} on ${ground}`).toBeGreaterThanOrEqual(3)
    }
  }
})
