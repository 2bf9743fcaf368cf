/** Every row of every table, as PostgreSQL copies it: for whoever wants to see what is stored and what is not. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Sql } from './sql.ts'

type Table = { schema: string; name: string }

/** Writes a line `-- schema.table` and the rows of each table, all of one moment. Returns how many tables there are. */
export async function dumpTables(sql: Sql, out: Writable): Promise<number> {
  return sql
    .begin('isolation level repeatable read read only', async (tx) => {
      const tables = await tx<Table[]>`
        select n.nspname as schema, c.relname as name
          from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'm') and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
         order by 1, 2
         limit 100000`
      for (const { schema, name } of tables) {
        await write(out, `-- ${schema}.${name}\n`)
        const rows = await tx`copy ${tx(schema)}.${tx(name)} to stdout`.readable()
        for await (const chunk of rows) await write(out, chunk as Buffer)
      }
      return { count: tables.length }
    })
    .then(({ count }) => count)
}

async function write(out: Writable, chunk: string | Buffer): Promise<void> {
  if (!out.write(chunk)) await once(out, 'drain')
}
