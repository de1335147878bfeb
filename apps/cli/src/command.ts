import type { Config } from './config.js'

/** Options every command is given; `yes` agrees to what would be asked. */
export type Options = { readonly yes: boolean }

/** A command, by its words: `db migrate`. */
export type Command = {
  readonly summary: string
  /** Does the work and prints what there is to say. @throws CommandError when it cannot. */
  run(config: Config, options: Options): Promise<void>
}

/** A command cannot do its work; the message is all there is to say. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
