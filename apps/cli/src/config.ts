import { existsSync } from 'node:fs'
import { readDatabaseVariables } from '@mgx/db'
import { CommandError, type Config } from './command.js'

/**
 * Reads the configuration; an empty variable counts as unset.
 * @throws CommandError that names an invalid variable.
 */
export function readConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env')
  try {
    return readDatabaseVariables(process.env)
  } catch (error) {
    throw new CommandError((error as Error).message, { cause: error })
  }
}
