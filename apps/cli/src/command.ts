import type { readDatabaseVariables } from '@mgx/db'

/** What the commands read from the environment and, for variables not set there, from `.env`, as the server does. */
export type Config = ReturnType<typeof readDatabaseVariables>

/** Options of a command; `yes` confirms what it does not do by default. */
export type Options = { readonly yes: boolean }

/** A command such as `db migrate`. */
export type Command = {
  readonly summary: string
  /** What `--yes` confirms; a command without this text does not accept the option. */
  readonly yes?: string
  /** Does the work and prints the result. @throws CommandError when it cannot. */
  run(config: Config, options: Options): Promise<void>
}

/** Thrown when a command cannot do its work; its message is all that is printed. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
