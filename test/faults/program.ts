/** The server as it is built for use, and the same with one line made wrong on purpose. */
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { build as bundle, type Plugin } from 'esbuild'
import { bundleServer } from '../../scripts/build.mjs'
import { checkout } from './processes.ts'

/** Of this run of the suite: two may run at once. */
export const programFolder = join('dist', `faults-${process.pid}`)

/** A change of the source text. `from` must be there exactly once. */
export type Patch = { file: string; from: string; to: string }

/** Builds the server, changed by `patches`, below dist, where it finds its packages. Returns the program to start. */
export async function buildProgram(name: string, patches: readonly Patch[] = []): Promise<string> {
  const outdir = join(programFolder, name)
  const missed = new Set(patches)
  await bundleServer({ outdir, plugins: [patching(patches, missed)] })
  if (missed.size > 0)
    throw new Error(`the bundle of ${name} has no ${[...missed].map(({ file }) => file).join(', ')}`)
  return join(checkout, outdir, 'main.mjs')
}

/** The simulated carrier in one file, which starts in a fraction of the time. Returns the program to start. */
export async function buildCarrier(): Promise<string> {
  const outfile = join(checkout, programFolder, 'simulator', 'main.mjs')
  const options = { bundle: true, platform: 'node', format: 'esm', packages: 'external' } as const
  await bundle({ absWorkingDir: checkout, entryPoints: ['simulator/main.ts'], outfile, ...options })
  return outfile
}

function patching(patches: readonly Patch[], missed: Set<Patch>): Plugin {
  return {
    name: 'patches',
    setup(build) {
      build.onLoad({ filter: /[\\/](?:src|simulator)[\\/].*\.ts$/ }, async ({ path }) => {
        const own = patches.filter(({ file }) => file === relative(checkout, path))
        if (own.length === 0) return null
        let contents = await readFile(path, 'utf8')
        for (const patch of own) {
          if (contents.split(patch.from).length !== 2)
            throw new Error(`${patch.file} does not hold exactly once: ${patch.from}`)
          contents = contents.replace(patch.from, () => patch.to)
          missed.delete(patch)
        }
        return { contents, loader: 'ts' }
      })
    },
  }
}
