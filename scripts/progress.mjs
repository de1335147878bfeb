/**
 * Says on stderr what is being done, and below for how long: each second in the same line on a terminal, else in a line of
 * its own each 15 seconds. Returns what ends that.
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
