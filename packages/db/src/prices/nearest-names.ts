import { distance } from 'fastest-levenshtein'
import { plainName } from './model-names.js'

/** More different letters than this are no slip, however long the name is. */
const MOST_DIFFERENT = 8

/**
 * Returns the known names nearest to an unknown one, as written or without its prefix and date, nearest first: at most
 * `most`, and none that differs in more than a third of its letters.
 */
export function nearestNames(model: string, known: Iterable<string>, most = 3): string[] {
  const wanted = [...new Set([model, plainName(model)])].map((name) => name.toLowerCase())
  const near = [...known].flatMap((name) => {
    const differences = wanted.flatMap((form) => differenceOf(form, name.toLowerCase()) ?? [])
    return differences.length > 0 ? [{ name, difference: Math.min(...differences) }] : []
  })
  near.sort((a, b) => a.difference - b.difference || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
  return near.slice(0, most).map(({ name }) => name)
}

/** Returns how many letters must be inserted, removed or replaced; undefined when the names are not near. */
function differenceOf(form: string, name: string): number | undefined {
  const limit = Math.min(MOST_DIFFERENT, Math.max(1, Math.floor(form.length / 3)))
  if (Math.abs(form.length - name.length) > limit) return undefined
  const difference = distance(form, name)
  return difference <= limit ? difference : undefined
}
