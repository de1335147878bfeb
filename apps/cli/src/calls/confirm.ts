import type { Invocation } from '../command.js'
import { CommandError, usageError } from '../exit-code.js'

/**
 * Asks a person whether to do what cannot be undone. `--yes` agrees beforehand, which is the only way where nobody can be asked.
 * @throws CommandError when nobody agreed.
 */
export async function confirm({ io, options }: Pick<Invocation, 'io' | 'options'>, what: string): Promise<void> {
  if (options.yes === true) return
  if (!io.ask) throw usageError(`mgx does not ${what} without --yes`, 'Nothing was changed. Add --yes to agree')
  const said = await io.ask(`This will ${what}. Go on? [y/N] `, { secret: false })
  if (!/^y(es)?$/i.test(said.trim())) throw new CommandError('Nothing was changed')
}
