#!/usr/bin/env node
import { CommandError } from './command.js'
import { run } from './run.js'

try {
  await run(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
