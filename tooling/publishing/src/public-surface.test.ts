import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, test } from 'vitest'
import { surfacesOf } from './public-surface.js'

function surfaceOf(declarations: string) {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-surface-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'index.d.ts')
  writeFileSync(file, declarations)
  return surfacesOf([file])[0]
}

test('exports are listed by name, without comments, and with what they mention', ({ expect }) => {
  const surface = surfaceOf(`
    /** Not listed. */
    interface Zebra { /** Nor this. */ stripes: Stripe[] }
    interface Stripe { width: Width }
    type Width = number
    type Unseen = string
    declare const ant: { legs: 6 }
    interface Bee { sting(at: Zebra): void }
    export { type Zebra, ant, type Bee as Wasp }
  `)
  expect(surface?.exported).toEqual([
    { name: 'Wasp', text: '// as Wasp\ninterface Bee {\n  sting(at: Zebra): void;\n}' },
    { name: 'Zebra', text: 'interface Zebra {\n  stripes: Stripe[];\n}' },
    { name: 'ant', text: 'declare const ant: {\n  legs: 6;\n};' },
  ])
  expect(surface?.mentioned.map(({ name }) => name)).toEqual(['Stripe', 'Width'])
})

test('all overloads are listed, and a type that mentions itself only once', ({ expect }) => {
  const surface = surfaceOf(`
    declare function add(a: string): Tree
    declare function add(a: number): Tree
    interface Tree { children: Tree[] }
    export { add }
  `)
  expect(surface?.exported[0]?.text).toBe(
    'declare function add(a: string): Tree;\ndeclare function add(a: number): Tree;',
  )
  expect(surface?.mentioned.map(({ name }) => name)).toEqual(['Tree'])
})
