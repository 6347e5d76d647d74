import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // The end-to-end tests drive real programs in real terminals: two cores share them.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // A machine that is shared can starve a terminal in the middle of a scenario; what fails twice is broken.
    retry: process.env.CI ? 1 : 0,
  },
})
