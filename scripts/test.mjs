// `npm test`: install, build, then every test. Vitest runs in this very process; arguments go to it.
import './prepare.mjs'

process.argv.splice(2, 0, 'run')
await import(new URL('../node_modules/vitest/vitest.mjs', import.meta.url).href)
