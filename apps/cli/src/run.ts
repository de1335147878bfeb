import { CommanderError } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { describeFailure } from './describe-failure.js'
import { EXIT, usageError } from './exit-code.js'
import type { Io } from './io.js'
import { buildProgram } from './program/build-program.js'
import { candidates } from './program/candidates.js'
import { tree } from './program/command-tree.js'
import { commandWords, requireKnown, unknownCommand, unknownOption } from './program/unknown-words.js'

/** Asks for what could come next on the command line; the scripts of `mgx completion` call it. */
const COMPLETE = '__complete'

/** The width of help where there is no terminal. */
const COLUMNS = 100

/**
 * Runs the command that these arguments, without the program's name, stand for, and returns its exit code. It throws
 * nothing: what went wrong is on stderr, in at most two lines.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let path = ''
  try {
    if (args[0] === COMPLETE) {
      const words = await candidates(tree, args.slice(1), io.env)
      await io.stdout.write(words.map((word) => `${word}\n`).join(''))
      return EXIT.done
    }
    return await runCommand(args, io, (words) => {
      path = words
    })
  } catch (error) {
    const { exitCode, message, next } = describeFailure(error, { io, path })
    await io.stderr.write(`mgx: ${message}\n${next === undefined ? '' : `${next}\n`}`)
    return exitCode
  }
}

async function runCommand(args: readonly string[], io: Io, onPath: (path: string) => void): Promise<number> {
  let exitCode: number = EXIT.done
  let help = ''
  const program = buildProgram({
    tree,
    version: manifest.version,
    columns: io.size()?.columns ?? COLUMNS,
    write: (text) => {
      help += text
    },
    async run(command, given) {
      onPath(given.path)
      exitCode = (await command.run({ ...given, io })) ?? EXIT.done
    },
    unknown: (words) => unknownCommand(tree, words),
  })
  try {
    await program.parseAsync(asHelpOption(args), { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) await io.stdout.write(help)
    else if (error.code === 'commander.help') await io.stderr.write(help)
    else throw await wrongUsage(error, args)
    return error.exitCode === 0 ? EXIT.done : EXIT.usage
  }
}

/** `mgx help runs list` is `mgx runs list --help`. */
function asHelpOption(args: readonly string[]): string[] {
  const [first, ...words] = args
  if (first !== 'help') return [...args]
  requireKnown(tree, words)
  return [...words, '--help']
}

async function wrongUsage({ code, message }: CommanderError, args: readonly string[]): Promise<Error> {
  if (code === 'commander.unknownOption') return unknownOption(tree, args, message)
  const words = ['mgx', ...commandWords(tree, args)].join(' ')
  return usageError(message.replace(/^error: /, ''), `See: ${words} --help`)
}
