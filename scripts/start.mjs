// `npm start`: install, build, serve. The server runs in this very process, so signals and the exit code are its own.
import { readOptions } from '../apps/server/src/process/options.mjs'

// An option that is wrong is refused before a minute goes into installing.
readOptions(process.argv.slice(2))
await import('./prepare.mjs')
await import(new URL('../apps/server/dist/main.js', import.meta.url).href)
