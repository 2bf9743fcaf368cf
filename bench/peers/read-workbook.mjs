// Reads a workbook with SheetJS into an array of rows: node read-workbook.mjs FILE
import { readFileSync } from 'node:fs'
import { read, utils } from 'xlsx'

const startedAt = performance.now()
const before = process.cpuUsage()
const book = read(readFileSync(process.argv[2]), { dense: true })
const rows = utils.sheet_to_json(book.Sheets[book.SheetNames[0]], { header: 1 })
let checksum = 0
for (const [number, , age] of rows.slice(1)) checksum += age + (number % 10_000)
const seconds = (performance.now() - startedAt) / 1000
const { user, system } = process.cpuUsage(before)
const peakKb = process.resourceUsage().maxRSS
console.log(
  JSON.stringify({ rows: rows.length, checksum, seconds, cpuSeconds: (user + system) / 1e6, peakKb }),
)
