const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** What is further away is told as a day. */
const MOST_DAYS = 30

const words = new Intl.RelativeTimeFormat('en', { style: 'short' })

/** Returns how long ago, or how soon, an instant is: `3 min. ago`, `in 2 hr.`; far away, its day. */
export function timeAgo(instant: string, now: number): string {
  const distance = Date.parse(instant) - now
  if (Number.isNaN(distance)) return instant
  const size = Math.abs(distance)
  if (size >= MOST_DAYS * DAY) return instant.slice(0, 10)
  if (size < SECOND) return 'now'
  if (size < MINUTE) return words.format(Math.trunc(distance / SECOND), 'second')
  if (size < HOUR) return words.format(Math.trunc(distance / MINUTE), 'minute')
  if (size < DAY) return words.format(Math.trunc(distance / HOUR), 'hour')
  return words.format(Math.trunc(distance / DAY), 'day')
}
