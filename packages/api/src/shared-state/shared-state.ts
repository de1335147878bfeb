/**
 * What the servers of one database share besides it. All of it may be lost, late or wrong at any moment, so nothing in it
 * decides about money or proves who a caller is. No method rejects for that reason.
 */
export type SharedState = {
  /** Returns the counter of this name, in which all servers count together. Call it once for each name. */
  counter(name: string): Counter
  /** Tells the other servers something about these ids, without waiting; it may be lost. */
  tell(news: News, ids: Iterable<number>): void
  /** Calls `listener` with the ids that other servers tell something about, which may be any. */
  listen(news: News, listener: (ids: readonly number[]) => void): void
  /**
   * Returns what `read` returned when it was last called for this name, on any server, if that is less than five seconds
   * ago; otherwise calls it. What it returns must be JSON. The name must contain everything that it depends on.
   * @throws what `read` throws.
   */
  page<Value>(name: string, read: () => Promise<Value>): Promise<Page<Value>>
  /** Releases connections. */
  close(): Promise<void>
}

/** `recheck`: credentials of these users changed. `wake`: these projects got cost records. */
export type News = 'recheck' | 'wake'

/** Counts events by key within windows of a minute, each of which begins with its first event. */
export type Counter = {
  /** Counts one more event. */
  add(key: string): Promise<Count>
  /** Returns the count, which `known` returns too from then on. */
  read(key: string): Promise<Count>
  /** Returns what this process knows of the count without asking: at least all that it has added. */
  known(key: string): Count
}

/** How many events the current window has, and when it ends. */
export type Count = { readonly count: number; readonly endsInMilliseconds: number }

/** What was read, and how long ago; undefined where pages are always read. */
export type Page<Value> = { readonly value: Value; readonly ageSeconds: number | undefined }

export const WINDOW_SECONDS = 60
export const PAGE_MILLISECONDS = 5_000
