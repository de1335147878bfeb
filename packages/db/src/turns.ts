/** A user id, or undefined for the process itself. */
type Caller = number | undefined

/** A queue in which callers take turns (round robin), so a caller with many items does not delay the others. */
export type Turns<Item> = {
  add(caller: Caller, item: Item): void
  /** Returns the next item without removing it. */
  peek(): Item | undefined
  /** Removes and returns the next item. */
  take(): Item | undefined
  /** Returns how many items of a caller are waiting. */
  countOf(caller: Caller): number
  /** How many items are waiting in total. */
  readonly size: number
}

export function createTurns<Item>(): Turns<Item> {
  // In turn order: taking an item moves its caller to the end.
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
