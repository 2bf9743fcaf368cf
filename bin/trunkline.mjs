#!/usr/bin/env -S node --max-semi-space-size=32 --heap-growing-percent=80
// Many short-lived objects and few that stay: a larger nursery saves work, a slower growing heap saves memory.
// Starts the bundled program. In a checkout whose install scripts did not run, the bundle is made first.
import { existsSync } from 'node:fs'
import * as module from 'node:module'

const program = new URL('../dist/server/main.mjs', import.meta.url)
const consolePage = new URL('../dist/web/index.html', import.meta.url)
const builder = new URL('../scripts/build.mjs', import.meta.url)

if (existsSync(builder) && !(existsSync(program) && existsSync(consolePage))) {
  const { build } = await import(builder.href)
  await build({ ifMissing: true })
}
if (!existsSync(program)) {
  process.stderr.write('This installation has no dist/server/main.mjs. Run `npm ci` in the checkout again.\n')
  process.exit(1)
}
// Node 22 and newer keep the compiled program between starts.
module.enableCompileCache?.()
await import(program.href)
