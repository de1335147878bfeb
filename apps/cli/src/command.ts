import type { readDatabaseVariables } from '@mgx/db'

/** What the commands take from the environment and, where that says nothing, from the file `.env`, as the server does. */
export type Config = ReturnType<typeof readDatabaseVariables>

/** Options of a command; `yes` agrees to what it would not do unasked. */
export type Options = { readonly yes: boolean }

/** A command, by its words: `db migrate`. */
export type Command = {
  readonly summary: string
  /** What `--yes` agrees to; a command without it has no such option. */
  readonly yes?: string
  /** Does the work and prints what there is to say. @throws CommandError when it cannot. */
  run(config: Config, options: Options): Promise<void>
}

/** A command cannot do its work; the message is all there is to say. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
