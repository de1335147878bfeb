import type { Command } from '../command.js'
import { usageError } from '../exit-code.js'

/** Each asks `mgx` itself what could come next, so that it needs no update when commands change. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# eval "$(mgx completion bash)"
_mgx() {
  local IFS=$'\\n'
  COMPREPLY=($(mgx __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _mgx mgx
`,
  zsh: `#compdef mgx
# eval "$(mgx completion zsh)"
_mgx() {
  local -a found
  found=("\${(@f)$(mgx __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _mgx mgx
`,
  fish: `# mgx completion fish | source
complete -c mgx -f -a '(mgx __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
}

const SHELLS = Object.keys(SCRIPTS)

/** Prints the script with which a shell completes our commands. */
export const completion: Command = {
  summary: 'Print the script that completes commands in bash, zsh or fish',
  shares: 'nothing',
  details: () => ({
    arguments: [{ name: 'shell', required: true, description: SHELLS.join(', '), choices: SHELLS }],
    examples: ['eval "$(mgx completion bash)"'],
  }),
  async run({ io, args: [shell = ''] }) {
    const script = SCRIPTS[shell]
    if (script === undefined)
      throw usageError(`There is no completion for ${JSON.stringify(shell)}. Use: ${SHELLS.join(', ')}`)
    await io.stdout.write(script)
    return undefined
  },
}
