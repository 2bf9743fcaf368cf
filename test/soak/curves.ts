/** Draws figures over time, small and beside each other, and writes them as a table. */
import type { Point } from './flatness.ts'

export type Curve = { name: string; points: readonly Point[] }

const panel = { width: 300, height: 120, left: 8, top: 26, plotHeight: 78, across: 3 }

/** One SVG with a panel for each curve, from nothing to its highest value. */
export function drawCurves(title: string, curves: readonly Curve[]): string {
  const rows = Math.ceil(curves.length / panel.across)
  const width = panel.across * (panel.width + 16) + 8
  const height = rows * (panel.height + 16) + 40
  const drawn = curves.map((curve, index) => {
    const x = 8 + (index % panel.across) * (panel.width + 16)
    const y = 36 + Math.floor(index / panel.across) * (panel.height + 16)
    return `<g transform="translate(${x} ${y})">${drawPanel(curve)}</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="20" font-size="14">${escape(title)}</text>
${drawn.join('\n')}
</svg>
`
}

function drawPanel({ name, points }: Curve): string {
  const most = Math.max(...points.map(({ value }) => value), Number.MIN_VALUE)
  const until = points.at(-1)?.atSeconds ?? 1
  const line = points.map(({ atSeconds, value }) => {
    const x = panel.left + (atSeconds / until) * (panel.width - 2 * panel.left)
    const y = panel.top + panel.plotHeight * (1 - value / most)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  })
  const last = points.at(-1)?.value ?? 0
  const range = `to ${rounded(most)}, at the end ${rounded(last)}`
  return [
    `<rect width="${panel.width}" height="${panel.height}" fill="none" stroke="#ccc"/>`,
    `<text x="${panel.left}" y="16" fill="#222">${escape(name)}: ${range}</text>`,
    `<polyline points="${line.join(' ')}" fill="none" stroke="#1864ab" stroke-width="1.2"/>`,
    `<text x="${panel.left}" y="${panel.height - 4}" fill="#666">0 to ${Math.round(until / 60)} min</text>`,
  ].join('')
}

export function writeTable(rows: readonly Readonly<Record<string, number | string>>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = rows.map((row) => columns.map((name) => cell(row[name])).join(','))
  return `${columns.join(',')}\n${lines.join('\n')}\n`
}

function cell(value: number | string | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'number' ? rounded(value) : value
}

export function rounded(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100)
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
