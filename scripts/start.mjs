// `npm start`: install, build, serve. The server runs in this very process, so signals and the exit code are its own.
import './prepare.mjs'

await import(new URL('../apps/server/dist/main.js', import.meta.url).href)
