// Loaded into a server or `mgx` with `--import`: makes it the version after this one, which has one migration more.
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

/** The index of migrations in a bundle. */
const INDEX = /^var index = \{\n(?: +"\d{14}-[a-z-]+": \w+,?\n)+/m

const ADDED = `, "20991231000000-note-projects": {
  up: (db) => db.raw('ALTER TABLE projects ADD COLUMN note text'),
  down: (db) => db.raw('ALTER TABLE projects DROP COLUMN note'),
}\n`

if (isMainThread) register(import.meta.url)

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context)
  return { ...loaded, source: String(loaded.source).replace(INDEX, (index) => index + ADDED) }
}
