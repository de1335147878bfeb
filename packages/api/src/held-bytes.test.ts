import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limitHeldBytes } from './held-bytes.js'

const steps = fc.array(
  fc.oneof(
    fc.record({ userId: fc.integer({ min: 1, max: 3 }), bytes: fc.integer({ min: 0, max: 60 }) }),
    fc.record({ release: fc.nat({ max: 20 }) }),
  ),
)

test('a call is refused exactly when the bodies of its user would be larger than the limit together', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { hold } = limitHeldBytes(100)
      const held: { userId: number; bytes: number; release: () => void }[] = []
      const heldBy = (userId: number) =>
        held.filter((each) => each.userId === userId).reduce((sum, { bytes }) => sum + bytes, 0)
      for (const step of all) {
        if ('release' in step) {
          for (const { release } of held.splice(step.release, 1)) release()
        } else if (heldBy(step.userId) + step.bytes > 100) {
          expect(() => hold(step.userId, step.bytes)).toThrow('too much data of your calls is waiting')
        } else {
          held.push({ ...step, release: hold(step.userId, step.bytes) })
        }
      }
      for (const { release } of held) release()
      for (const userId of [1, 2, 3]) expect(() => hold(userId, 100)).not.toThrow()
    }),
  )
})
