import { readFile } from 'node:fs/promises'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** Lints a tarball. @throws Error that lists bad files, bad entries, and types that a module resolution cannot find. */
export async function lintTarball(tarball: string): Promise<void> {
  const bytes = new Uint8Array(await readFile(tarball))
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
  const flaws = messages.map((message) => `publint: ${formatMessage(message, pkg)}`)
  const analysis = await checkPackage(createPackageFromTarballData(bytes))
  if (!analysis.types) throw new Error('attw: the package has no types')
  // Node 10 did not support `exports`, and TypeScript 7 dropped its resolution.
  const problems = analysis.problems.filter(
    (problem) => !('resolutionKind' in problem) || problem.resolutionKind !== 'node10',
  )
  flaws.push(...problems.map((problem) => `attw: ${JSON.stringify(problem)}`))
  if (flaws.length > 0) throw new Error(flaws.join('\n'))
}
