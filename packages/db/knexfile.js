// For the stock `knex` command line: knex migrate:latest --knexfile packages/db/knexfile.js
// It reads the build (npm run build) and DATABASE_URL, of the environment or .env, and runs the very migrations the server
// and `mgx db` run.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stockKnexConfig } from './dist/index.js'

// knex moves to this file's folder; a relative SQLite path is meant from the root, as everywhere else.
process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
if (existsSync('.env')) process.loadEnvFile('.env')

export default await stockKnexConfig(process.env, process.argv).catch((error) => {
  // knex would print the stack too.
  console.error(error.message)
  process.exit(1)
})
