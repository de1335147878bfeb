/** Whose turn it is: a user, or undefined for the process itself. */
type Caller = number | undefined

/** What waits, of callers that take turns: however much of one waits, another's is next after one of each. */
export type Turns<Item> = {
  add(caller: Caller, item: Item): void
  /** What is next, and stays. */
  peek(): Item | undefined
  /** Takes what is next. */
  take(): Item | undefined
  /** How much of a caller waits. */
  countOf(caller: Caller): number
  /** How much waits in all. */
  readonly size: number
}

export function createTurns<Item>(): Turns<Item> {
  // In the order of the turns: who is taken from goes to the end.
  const waiting = new Map<Caller, Item[]>()
  let size = 0
  return {
    add(caller, item) {
      const items = waiting.get(caller)
      if (items) items.push(item)
      else waiting.set(caller, [item])
      size += 1
    },
    peek() {
      for (const [item] of waiting.values()) return item
      return undefined
    },
    take() {
      for (const [caller, items] of waiting) {
        const item = items.shift()
        size -= 1
        if (items.length === 0) {
          waiting.delete(caller)
        } else if (waiting.size > 1) {
          waiting.delete(caller)
          waiting.set(caller, items)
        }
        return item
      }
      return undefined
    },
    countOf: (caller) => waiting.get(caller)?.length ?? 0,
    get size() {
      return size
    },
  }
}
