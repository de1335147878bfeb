import type { Page } from '../generated/entities.js'
import type { MgxResponse } from '../hooks.js'

/** The data that a call returned, and its HTTP response. */
export interface WithResponse<Data> {
  readonly data: Data
  readonly response: MgxResponse
}

/** A pending call: await it for the data. */
export interface MgxPromise<Data> extends Promise<Data> {
  /** Returns the data together with the status, headers and request id. */
  withResponse(): Promise<WithResponse<Data>>
}

/** A pending page: await it for that page, or iterate with `for await` over its rows and those of all later pages. */
export interface PagePromise<Row> extends MgxPromise<Page<Row>>, AsyncIterable<Row> {}

/** Returns a promise of the data, with the method `withResponse`. */
export function mgxPromise<Data>(answered: Promise<WithResponse<Data>>): MgxPromise<Data> {
  const promise = answered.then(({ data }) => data)
  return Object.assign(promise, {
    withResponse() {
      // The caller gets the failure from the returned promise; do not report it as unhandled here too.
      promise.catch(() => undefined)
      return answered
    },
  })
}

/** Makes the promise of a first page iterable over all rows; `next` fetches the page after a cursor. */
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
