// Corrects the database driver and builds, after `npm ci` in a checkout. Skipped where the build tools are not installed (`--omit=dev`):
// a published package brings its build with it.
import { existsSync } from 'node:fs'
import { correctDriver } from './driver-correction.mjs'

correctDriver('.')

if (existsSync('node_modules/esbuild') && existsSync('node_modules/vite') && existsSync('src')) {
  const { build } = await import('./build.mjs')
  await build()
}
