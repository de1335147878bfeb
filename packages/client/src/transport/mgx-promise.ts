import type { Page } from '../generated/entities.js'
import type { MgxResponse } from '../hooks.js'

/** What a call answered, and what is known of the answer. */
export interface WithResponse<Data> {
  readonly data: Data
  readonly response: MgxResponse
}

/** A call under way: await it for what it answers. */
export interface MgxPromise<Data> extends Promise<Data> {
  /** The same, with status, headers and request id. */
  withResponse(): Promise<WithResponse<Data>>
}

/** A page under way: await it for that page, or loop over it with `for await` for its rows and those of all pages after it. */
export interface PagePromise<Row> extends MgxPromise<Page<Row>>, AsyncIterable<Row> {}

/** The promise of the data alone, with the way to the whole. */
export function mgxPromise<Data>(answered: Promise<WithResponse<Data>>): MgxPromise<Data> {
  const promise = answered.then(({ data }) => data)
  return Object.assign(promise, {
    withResponse() {
      // Who asks for the whole hears of a failure there.
      promise.catch(() => undefined)
      return answered
    },
  })
}

/** A first page, with the way to all rows; `next` asks for the page after a cursor. */
export function pagePromise<Row>(
  first: MgxPromise<Page<Row>>,
  next: (cursor: string) => PromiseLike<Page<Row>>,
): PagePromise<Row> {
  return Object.assign(first, {
    async *[Symbol.asyncIterator]() {
      for (let page = await first; ; page = await next(page.nextCursor)) {
        yield* page.items
        if (page.nextCursor === null) return
      }
    },
  })
}
