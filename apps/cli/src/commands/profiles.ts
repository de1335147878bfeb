import type { Command } from '../command.js'

/** Lists what `mgx login` has saved. */
export const profiles: Command = {
  summary: 'List the profiles on this computer; --profile NAME or MGX_PROFILE chooses one',
  shares: 'results',
  async run(invocation) {
    const { printProfiles } = await import('../profile/print-profiles.js')
    return printProfiles(invocation)
  },
}
