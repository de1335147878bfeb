/** The example of one method: code that uses `mgx` and `console`. */
export type Example = { path: string; code: string }

/** Returns the examples in the doc comments of the declarations, in order. */
export function examplesIn(declarations: string): Example[] {
  return [...declarations.matchAll(/^ *\* @example\n(.*?)^ *\*\//gms)].map(([, lines = '']) => {
    const code = lines.replaceAll(/^ *\* /gm, '')
    return { path: /mgx\.(\w+\.\w+)/.exec(code)?.[1] ?? '', code }
  })
}
