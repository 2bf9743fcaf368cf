/** The records of an uploaded list, as they are asked for. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Sql } from '../db/sql.ts'
import { CsvReader } from './csv-reader.ts'
import type { NumberedRecord } from './import-batch.ts'
import type { FileLayout } from './recipient-import.ts'
import { readChunk } from './upload-store.ts'

// Small enough that PostgreSQL, which is fed by the same thread, never waits long for the next word.
const sliceBytes = 16 * 1024

/**
 * The records of a file behind the first `skip`, in groups, until it `isStopping`. Rows are numbered as a spreadsheet
 * shows them.
 */
export async function* batchesOf(
  sql: Sql,
  upload: { workspaceId: number; id: number; layout: FileLayout },
  { skip, size, isStopping }: { skip: number; size: number; isStopping: () => boolean },
): AsyncGenerator<NumberedRecord[]> {
  const before = skip + (upload.layout.hasHeader ? 1 : 0)
  let waiting: NumberedRecord[] = []
  const reader = new CsvReader(upload.layout.delimiter, (record, row) => {
    if (row > before) waiting.push({ record, row })
  })
  try {
    let next = readChunk(sql, upload, 0)
    for (let sequence = 1; ; sequence++) {
      const chunk = await next
      if (chunk === null) break
      next = readChunk(sql, upload, sequence)
      // The failure is seen when it is awaited; a consumer that leaves first never does.
      next.catch(() => {})
      // In slices, so that the records of a whole chunk are never held at once.
      for (let from = 0; from < chunk.length; from += sliceBytes) {
        if (isStopping()) return
        await reader.write(chunk.subarray(from, from + sliceBytes))
        await nextTurn()
        for (; waiting.length >= size; waiting = waiting.slice(size)) yield waiting.slice(0, size)
      }
    }
    await reader.end()
    for (; waiting.length > 0; waiting = waiting.slice(size)) yield waiting.slice(0, size)
  } finally {
    reader.destroy()
  }
}
