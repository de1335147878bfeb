// `npm run mgx -- <command>`: installs, builds, then runs the command line in the same process.
import './prepare.mjs'

await import(new URL('../apps/cli/dist/main.js', import.meta.url).href)
