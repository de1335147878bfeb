import { distance } from 'fastest-levenshtein'
import { plainName } from './model-names.js'

/** Names that differ in more letters are not typing errors, however long they are. */
const MOST_DIFFERENT = 8

/** A known name, with what a comparison needs of it. */
type Known = { readonly name: string; readonly lower: string; readonly letters: Uint8Array }
type Near = { readonly name: string; readonly difference: number }

/** Returns the known names nearest to an unknown one. */
export type FindNearest = (model: string) => string[]

/** A caller often repeats an unknown name. */
const MOST_KEPT = 500

/**
 * Returns a search in known names, for many unknown ones. It finds the names nearest to a model, as written or without
 * its prefix and date, nearest first: at most `most` names, each of which differs in at most a third of the letters.
 */
export function nearestIn(known: Iterable<string>, most = 3): FindNearest {
  const names = [...known].map(knownOf)
  const found = new Map<string, string[]>()
  return (model) => {
    const nearest = found.get(model) ?? findNearest(model, names, most)
    if (found.size >= MOST_KEPT) found.clear()
    found.set(model, nearest)
    return [...nearest]
  }
}

function findNearest(model: string, known: readonly Known[], most: number): string[] {
  const near: Near[] = []
  const wanted = [...new Set([model, plainName(model)])].map((name) => knownOf(name))
  for (const candidate of known) {
    // What is farther than the last of the nearest is not looked at closely.
    const worst = near.length < most ? MOST_DIFFERENT : (near.at(-1)?.difference ?? MOST_DIFFERENT)
    const difference = Math.min(...wanted.map((form) => differenceOf(form, candidate, worst)))
    if (difference > worst) continue
    near.push({ name: candidate.name, difference })
    near.sort((a, b) => a.difference - b.difference || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    near.splice(most)
  }
  return near.map(({ name }) => name)
}

function knownOf(name: string): Known {
  const lower = name.toLowerCase()
  const letters = new Uint8Array(32)
  for (let at = 0; at < lower.length; at++) {
    const letter = lower.charCodeAt(at) % 32
    letters[letter] = (letters[letter] ?? 0) + 1
  }
  return { name, lower, letters }
}

/** Returns how many letters must be inserted, removed or replaced; infinity when the names are not near. */
function differenceOf(form: Known, name: Known, worst: number): number {
  const limit = Math.min(worst, Math.max(1, Math.floor(form.lower.length / 3)))
  const isFar = Math.abs(form.lower.length - name.lower.length) > limit
  if (isFar || leastDifference(form, name) > limit) return Number.POSITIVE_INFINITY
  const difference = distance(form.lower, name.lower)
  return difference <= limit ? difference : Number.POSITIVE_INFINITY
}

/** Returns a number that the difference cannot be below, found quickly: the letters that only one of them has. */
function leastDifference(form: Known, name: Known): number {
  let [onlyInForm, onlyInName] = [0, 0]
  for (let letter = 0; letter < 32; letter++) {
    const more = (form.letters[letter] ?? 0) - (name.letters[letter] ?? 0)
    if (more > 0) onlyInForm += more
    else onlyInName -= more
  }
  return Math.max(onlyInForm, onlyInName)
}
