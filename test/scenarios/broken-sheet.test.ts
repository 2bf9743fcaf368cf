import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { CsvReader, sniffDelimiter } from '../../src/campaigns/csv-reader.ts'
import { numberTotal } from '../../src/campaigns/campaign-store.ts'
import { detectLayout, mergeDuplicates, recipientOf } from '../../src/campaigns/recipient-import.ts'
import { insertRecipients } from '../../src/campaigns/recipient-store.ts'
import { closeBatch } from '../../src/events/event-log.ts'
import { beginCampaign, type TestRun } from '../campaign.ts'
import { createWorld, type World } from '../world.ts'
import { completed, expectPromiseKept } from './verdict.ts'

let world: World
afterEach(() => world.close())

/** Every number of the sheet that somebody could have meant, by hand. */
const meant = [
  '+12125550101',
  '+9779843812344',
  '+9779851023212',
  '+9779876543210',
  '+97798675432123',
  '+12125550116',
  '+12125550117',
  '+12125550118',
  '+12125550120',
  '+12125550121',
  '+12125550123',
  '+12125550124',
  '+12125550125',
  '+18005550127',
  '+447700900128',
  '+12125550129',
]

test('of a broken sheet exactly those are rung whose number somebody could have meant, each once', async () => {
  world = await createWorld({ dialing: false })
  const run = await beginCampaign(world, [])
  await addSheet(run, readFileSync('test/data/broken-sheet.csv', 'utf8').replace('\ufeff', ''))
  await world.dialer.start()
  await completed(world, run)
  const ledger = await expectPromiseKept(world, [{ run, numbers: meant }])
  expect(ledger.map(({ to }) => to).sort()).toEqual([...meant].sort())
})

async function addSheet(run: TestRun, sheet: string): Promise<void> {
  const delimiter = sniffDelimiter(sheet)
  const records: string[][] = []
  const reader = new CsvReader(delimiter, (record) => records.push(record))
  await reader.write(Buffer.from(sheet))
  await reader.end()
  const found = detectLayout(records, 'NP')
  if (found === null) throw new Error('The sheet has no number column')
  const layout = { ...found, delimiter, rows: records.length - 1 }
  const recipients = records.slice(1).flatMap((record) => recipientOf(record, layout, 'NP') ?? [])
  const { workspaceId, clock } = world
  await world.sql.begin(async (tx) => {
    const place = { workspaceId, campaignId: run.campaignId }
    const inserted = await insertRecipients(tx, place, mergeDuplicates(recipients), clock.now())
    const totals = [
      ...numberTotal(run.campaignId, 'not_started', inserted.accepted),
      ...numberTotal(run.campaignId, 'invalid', inserted.invalid),
    ]
    await closeBatch(tx, { now: clock.now(), workspaces: [{ workspaceId, totals, events: [] }] })
  })
}
