// For the stock `knex` command line: knex migrate:latest --knexfile packages/db/knexfile.js Uses the build (npm run
// build) and DATABASE_URL from the environment or .env, and runs the same migrations as the server and `mgx db`.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stockKnexConfig } from './dist/index.js'

// knex changes to this file's folder, but relative SQLite paths are relative to the repository root everywhere.
process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
if (existsSync('.env')) process.loadEnvFile('.env')

export default await stockKnexConfig(process.env, process.argv).catch((error) => {
  // knex would also print the stack.
  console.error(error.message)
  process.exit(1)
})
