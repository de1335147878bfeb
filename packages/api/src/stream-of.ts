import { isTrackedEnvelope, type TrackedEnvelope, tracked } from '@trpc/server'
import type { z } from 'zod'

type Stream<Item extends z.ZodType> = AsyncIterable<TrackedEnvelope<z.output<Item>>, void, unknown>

/** The output of a subscription whose every event has an id and is an `item`: a parser as `.output` takes one. */
export type StreamParser<Item extends z.ZodType> = ((stream: unknown) => Stream<Item>) & { readonly item: Item }

/** What is not in `item` cannot leave, and what is not one fails as any other output does. */
export function streamOf<Item extends z.ZodType>(item: Item): StreamParser<Item> {
  async function* parse(stream: unknown): Stream<Item> {
    for await (const event of stream as AsyncIterable<unknown>) {
      if (!isTrackedEnvelope<unknown>(event)) throw new Error('an event of a stream has no id')
      const [id, data] = event
      yield tracked(id, item.parse(data))
    }
  }
  return Object.assign(parse, { item })
}
