// Bundles the server to dist/server and the console to dist/web.
//   node scripts/build.mjs               always
//   node scripts/build.mjs --if-missing  only when an output is not there
import { existsSync } from 'node:fs'
import { build as bundle } from 'esbuild'

const ifMissing = process.argv.includes('--if-missing')
const wants = (output) => !(ifMissing && existsSync(output))

if (wants('dist/server/main.mjs') && existsSync('src/cli/main.ts')) {
  await bundle({
    entryPoints: { main: 'src/cli/main.ts' },
    outdir: 'dist/server',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20.20',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    splitting: true,
    logLevel: 'warning',
  })
}
if (wants('dist/web/index.html') && existsSync('web/index.html')) {
  const { build } = await import('vite')
  await build({ root: 'web', logLevel: 'warn' })
}
