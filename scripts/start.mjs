// `npm start`: installs, builds, then serves in the same process, so that the server gets signals and sets the exit code.
import { readOptions } from '../apps/server/src/process/options.mjs'

// Rejects a wrong option before spending a minute on the installation.
readOptions(process.argv.slice(2))
await import('./prepare.mjs')
await import(new URL('../apps/server/dist/main.js', import.meta.url).href)
