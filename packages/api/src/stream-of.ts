import { isTrackedEnvelope, type TrackedEnvelope, tracked } from '@trpc/server'
import type { z } from 'zod'

type Stream<Item extends z.ZodType> = AsyncIterable<TrackedEnvelope<z.output<Item>>, void, unknown>

/** The `.output` parser of a subscription whose events have an id and match `item`. */
export type StreamParser<Item extends z.ZodType> = ((stream: unknown) => Stream<Item>) & { readonly item: Item }

/** Parses every event with `item`: strips unknown fields and fails on invalid events. */
export function streamOf<Item extends z.ZodType>(item: Item): StreamParser<Item> {
  async function* parse(stream: unknown): Stream<Item> {
    for await (const event of stream as AsyncIterable<unknown>) {
      if (!isTrackedEnvelope<unknown>(event)) throw new Error('a stream event has no id')
      const [id, data] = event
      yield tracked(id, item.parse(data))
    }
  }
  return Object.assign(parse, { item })
}
