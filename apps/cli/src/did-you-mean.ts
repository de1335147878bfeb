/** How many edits away a word may be to be suggested. */
const MOST_EDITS = 2

/** Returns `Did you mean … ? ` with the nearest known word, or an empty string when none is near. */
export function didYouMean(given: string, known: readonly string[], prefix = ''): string {
  if (given === '') return ''
  const [nearest] = known
    .map((word) => ({ word, edits: distance(given, word) }))
    .filter(({ edits }) => edits <= MOST_EDITS)
    .sort((a, b) => a.edits - b.edits)
  return nearest ? `Did you mean "${prefix}${nearest.word}"? ` : ''
}

/** Returns the edits from a given word to a known one or to its last part, so that `migrate` is near `db migrate`. */
function distance(given: string, word: string): number {
  return Math.min(edits(given, word), edits(given, word.split(' ').at(-1) ?? ''))
}

/** Returns how many letters to insert, delete, replace, or swap with a neighbour. */
function edits(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    rows.push(current)
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (isSame ? 0 : 1),
          isSwap ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
  }
  return at(from.length, to.length)
}
