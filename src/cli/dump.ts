import { Command } from 'commander'
import { readConfig } from '../config.ts'
import { dumpTables } from '../db/dump.ts'
import { withDatabase } from './open-database.ts'

/** What is stored, for whoever looks for something in it: `trunkline dump | grep 493817`. */
export function dumpCommand(): Command {
  return new Command('dump')
    .description('write every row of every table to standard output, as PostgreSQL copies it')
    .action(async () => {
      const tables = await withDatabase(readConfig(process.env), (sql) => dumpTables(sql, process.stdout))
      process.stderr.write(`${tables} tables\n`)
    })
}
