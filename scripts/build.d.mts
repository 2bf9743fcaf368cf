import type { Plugin } from 'esbuild'

export function build(options?: { ifMissing?: boolean }): Promise<void>
export function bundleServer(options?: { outdir?: string; plugins?: readonly Plugin[] }): Promise<void>
