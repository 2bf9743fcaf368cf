import { defineConfig } from 'vitest/config'
import { ClosingLine } from './test/closing-line.ts'

export default defineConfig({
  test: {
    environment: 'node',
    include: [
      'src/**/*.test.ts',
      'simulator/**/*.test.ts',
      'web/src/**/*.test.ts',
      'test/**/*.test.{ts,tsx}',
    ],
    exclude: ['test/faults/**', 'node_modules/**', 'dist/**'],
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/spilled-secrets.ts'],
    reporters: ['default', new ClosingLine()],
    passWithNoTests: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    maxWorkers: 2,
  },
})
