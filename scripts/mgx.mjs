// `npm run mgx -- <command>`: install, build, then the command line in this very process.
import './prepare.mjs'

await import(new URL('../apps/cli/dist/main.js', import.meta.url).href)
