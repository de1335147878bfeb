// `npm test`: installs, builds, then runs all tests in the same process; passes its arguments to vitest.
import './prepare.mjs'

process.argv.splice(2, 0, 'run')
await import(new URL('../node_modules/vitest/vitest.mjs', import.meta.url).href)
