import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTurns } from './turns.js'

const callers = fc.integer({ min: 1, max: 4 })

test("every item is taken once, in its caller's order, after at most one item of each other caller", () => {
  fc.assert(
    fc.property(fc.array(fc.option(callers, { freq: 2 }), { maxLength: 60 }), (steps) => {
      const turns = createTurns<{ caller: number; number: number }>()
      const waiting = new Map<number, number[]>()
      /** For each waiting caller, how many items of each other caller were taken since its last turn. */
      const passed = new Map<number, Map<number, number>>()
      const take = () => {
        const next = turns.peek()
        expect(turns.take()).toBe(next)
        if (!next) return expect([...waiting.values()].flat()).toEqual([])
        const { caller, number } = next
        expect(waiting.get(caller)?.shift()).toBe(number)
        passed.delete(caller)
        for (const [other, numbers] of waiting) {
          if (other === caller || numbers.length === 0) continue
          const before = passed.get(other) ?? new Map<number, number>()
          before.set(caller, (before.get(caller) ?? 0) + 1)
          passed.set(other, before)
          expect(before.get(caller)).toBe(1)
        }
      }
      for (const [number, caller] of steps.entries()) {
        if (caller === null) {
          take()
        } else {
          turns.add(caller, { caller, number })
          waiting.set(caller, [...(waiting.get(caller) ?? []), number])
        }
        const counts = [...waiting.values()].map(({ length }) => length)
        expect(turns.size).toBe(counts.reduce((sum, count) => sum + count, 0))
        for (const [each, numbers] of waiting) expect(turns.countOf(each)).toBe(numbers.length)
      }
      while (turns.size > 0) take()
      take()
    }),
  )
})
