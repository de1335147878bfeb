import { z } from 'zod'
import { refusing, STORABLE_HINT, UNSTORABLE } from './fields.js'

const MAX_BYTES = 16 * 1024
const MAX_LEVELS = 32

/** Any JSON object. Its input type is `object`, because interfaces are not assignable to `Record<string, unknown>`. */
export const jsonObject = z.record(z.string(), z.unknown()) as z.ZodType<Record<string, unknown>, object>

/** Free-form JSON that a caller stores with a row: any object. */
export const metadata = jsonObject.meta({
  kind: 'json',
  description: 'Any JSON object, at most 16 KiB and 32 levels.',
})

/** Free-form JSON from a caller. Checked before zod copies it, because the copy would lack a `__proto__` key. */
export const metadataInput = z.preprocess((sent: object, context) => {
  if (typeof sent === 'object' && sent !== null) refusing(problemOf)(sent, context)
  return sent
}, metadata)

/** Walks without recursion, because the caller chooses the depth. */
function problemOf(root: object): string | undefined {
  const open: { value: unknown; level: number }[] = [{ value: root, level: 1 }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, level } = next
    if (typeof value === 'string' && UNSTORABLE.test(value)) return STORABLE_HINT
    if (typeof value === 'number' && !Number.isFinite(value)) return 'must contain only finite numbers'
    if (typeof value !== 'object' || value === null) continue
    if (level > MAX_LEVELS) return `must have at most ${MAX_LEVELS} levels`
    for (const [key, child] of Object.entries(value)) {
      if (UNSTORABLE.test(key)) return STORABLE_HINT
      // Copying such an object key by key would set the prototype of the copy.
      if (key === '__proto__') return 'must not have a key __proto__'
      open.push({ value: child, level: level + 1 })
    }
  }
  const bytes = new TextEncoder().encode(JSON.stringify(root)).length
  return bytes > MAX_BYTES ? 'must be at most 16 KiB' : undefined
}
