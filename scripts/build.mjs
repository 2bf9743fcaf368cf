// Bundles the server to dist/server and the console to dist/web.
//   node scripts/build.mjs               always
//   node scripts/build.mjs --if-missing  only what is not there yet
import { existsSync, realpathSync, rmSync } from 'node:fs'
import { join, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { correctDriver } from './driver-correction.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (path) => join(root, path)

/** Builds both halves. The tools are imported only when there is something to do: they take longer to load. */
export async function build({ ifMissing = false } = {}) {
  const wants = (output, source) => existsSync(at(source)) && !(ifMissing && existsSync(at(output)))
  if (wants('dist/server/main.mjs', 'src/cli/main.ts')) await bundleServer()
  if (wants('dist/web/index.html', 'web/index.html')) await buildConsole()
}

/** Bundles the server into `outdir`, which must lie below the checkout: it finds migrations and the packages below from there. */
export async function bundleServer({ outdir = 'dist/server', plugins = [] } = {}) {
  const { build: bundle } = await import('esbuild')
  correctDriver(root)
  // Chunks are named by their content; those of earlier builds would pile up.
  rmSync(at(outdir), { recursive: true, force: true })
  await bundle({
    absWorkingDir: root,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20.20',
    format: 'esm',
    external: notBundled,
    banner: { js: requireForPackages },
    plugins: [bundledDriver, ...plugins],
    sourcemap: true,
    splitting: true,
    logLevel: 'warning',
  })
}

/**
 * Machine code, WebAssembly and threads are found beside the package that brings them, and one is imported in the middle
 * of a CommonJS file, where a bundle knows no names of it: these stay where npm put them.
 */
const notBundled = [
  '@node-rs/argon2',
  '@wasm-audio-decoders/ogg-vorbis',
  'cookie',
  'mpg123-decoder',
  'ogg-opus-decoder',
  'pino',
]

/** A thousand small files take a second to load; one takes a third of that. Older packages in it ask for Node's own modules by this name. */
const requireForPackages =
  "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);"

/** The database driver goes into the bundle: it is corrected here, and a package that is installed has it as published. */
const bundledDriver = {
  name: 'bundled driver',
  setup(bundler) {
    bundler.onResolve({ filter: /^postgres$/ }, () => ({ path: at('node_modules/postgres/src/index.js') }))
  },
}

async function buildConsole() {
  const { build: buildWeb } = await import('vite')
  await buildWeb({ root: at('web'), logLevel: 'warn' })
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await build({ ifMissing: process.argv.includes('--if-missing') })
}
