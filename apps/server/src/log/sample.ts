const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const VALUES = 2 ** 32

/**
 * Whether an id is among this share of all ids. Each server decides alike, so that all lines of one trace are kept or left
 * out together.
 */
export function isInSample(id: string, share: number): boolean {
  if (share >= 1) return true
  let hash = FNV_OFFSET
  for (let index = 0; index < id.length; index++) {
    hash = Math.imul(hash ^ id.charCodeAt(index), FNV_PRIME)
  }
  // FNV-1a hardly mixes the last characters into the highest bits, in which ids such as req-1 and req-2 would agree.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / VALUES < share
}
