/**
 * Prints on stderr what is being done, and below it for how long: updated every second on a terminal, otherwise a new
 * line every 15 seconds. Returns a function that ends this.
 *
 * @param {string} words
 */
export function tellProgress(words) {
  const start = Date.now()
  const { isTTY } = process.stderr
  const tell = () => {
    const seconds = `  … ${Math.round((Date.now() - start) / 1_000)} s`
    process.stderr.write(isTTY ? `\r${seconds}` : `${seconds}\n`)
  }
  process.stderr.write(`${words}\n`)
  const timer = setInterval(tell, isTTY ? 1_000 : 15_000)
  return () => {
    clearInterval(timer)
    if (isTTY) process.stderr.write('\r\x1b[K')
  }
}
