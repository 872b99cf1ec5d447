import { defineConfig } from 'vitest/config'

// What the compiler has made of the tests is not theirs to run.
export default defineConfig({ test: { include: ['test/**/*.test.ts'] } })
