import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { run } from '@mgx/publishing/consumer-folder'
import type { Runtime } from '@mgx/publishing/runtimes'

/** A call without a server, which throws an MgxError, and one with input that is not JSON, which throws a TypeError. */
const calls = {
  unanswered: "mgx.costs.record({ projectId: 1, model: 'm', promptTokens: 1, completionTokens: 1 })",
  unwritable: "mgx.projects.create({ name: 'n', idea: 'i', metadata: { size: 1n } })",
}
const LINE_OF_CALL = 5
const program = (imported: string, call: string) => `${imported}

const mgx = createMgxClient({ url: 'http://127.0.0.1:1', apiKey: 'mgx_key_nobody', maxRetries: 0 })
async function theCaller() {
  await ${call}
}
theCaller()
`

/**
 * Ends programs with uncaught errors of the installed client. @throws Error when the output is not readable: it must contain
 * the message with the procedure and the line of the caller, and no line longer than 240 characters.
 */
export async function checkUncaughtErrors([command, ...args]: Runtime, folder: string): Promise<void> {
  const forms = {
    'uncaught.mjs': "import { createMgxClient } from '@mgx/client'",
    'uncaught.cjs': "const { createMgxClient } = require('@mgx/client')",
  }
  for (const [file, imported] of Object.entries(forms)) {
    const printed = async (call: string, ...flags: string[]) => {
      await writeFile(join(folder, file), program(imported, call))
      return run(command, [...flags, ...args, file], folder).then(
        () => 'nothing: the program did not fail',
        (error: Error) => stripVTControlCharacters(error.message),
      )
    }
    const texts = [await printed(calls.unanswered), await printed(calls.unwritable)]
    for (const text of texts) expectReadable(text, file)
    expectText(texts[0], 'ConnectionError: costs.record: no response from http://127.0.0.1:1/trpc/costs.record')
    if (command !== process.execPath) continue
    expectText(await printed(calls.unwritable, '--enable-source-maps'), 'src/transport/call.ts:')
  }
}

const WIDTH = 240

function expectReadable(text: string, file: string): void {
  expectText(text, `${file}:${LINE_OF_CALL}`)
  if (text.split('\n').some((line) => line.length > WIDTH))
    throw new Error(`A line has more than ${WIDTH} characters:\n${text}`)
}

function expectText(text = '', expected: string): void {
  if (!text.includes(expected)) throw new Error(`The output of an uncaught error lacks ${expected}:\n${text}`)
}
