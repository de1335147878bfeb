import { readFile } from 'node:fs/promises'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** @throws Error that lists what is wrong with a tarball: files, entries, or types that one way to import does not find. */
export async function lintTarball(tarball: string): Promise<void> {
  const bytes = new Uint8Array(await readFile(tarball))
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
  const flaws = messages.map((message) => `publint: ${formatMessage(message, pkg)}`)
  const analysis = await checkPackage(createPackageFromTarballData(bytes))
  if (!analysis.types) throw new Error('attw: the package has no types')
  // Node 10 knew no exports, and TypeScript 7 no longer resolves as it did.
  const problems = analysis.problems.filter(
    (problem) => !('resolutionKind' in problem) || problem.resolutionKind !== 'node10',
  )
  flaws.push(...problems.map((problem) => `attw: ${JSON.stringify(problem)}`))
  if (flaws.length > 0) throw new Error(flaws.join('\n'))
}
