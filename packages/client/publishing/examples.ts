/** The example of one method, as code that uses `mgx` and `console`. */
export type Example = { path: string; code: string }

/** What the doc comments of some declarations show, in their order. */
export function examplesIn(declarations: string): Example[] {
  return [...declarations.matchAll(/^ *\* @example\n(.*?)^ *\*\//gms)].map(([, lines = '']) => {
    const code = lines.replaceAll(/^ *\* /gm, '')
    return { path: /mgx\.(\w+\.\w+)/.exec(code)?.[1] ?? '', code }
  })
}
