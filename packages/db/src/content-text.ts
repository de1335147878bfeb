/** What a call asked for, in one canonical writing. The order of an object's keys says nothing, so they are sorted. */
export function contentText(content: readonly unknown[]): string {
  const isFlat = content.every((value) => typeof value !== 'object' || value === null)
  return JSON.stringify(content, isFlat ? undefined : sortKeys)
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
