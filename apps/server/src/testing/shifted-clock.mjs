// Loaded into a server with `--import`: sets the process's clock off by CLOCK_HOURS. `performance.now()` stays right.
const rightNow = Date.now
const shift = Number(process.env.CLOCK_HOURS) * 3_600_000

Date.now = () => rightNow() + shift
globalThis.Date = new Proxy(Date, {
  construct: (real, given, made) => Reflect.construct(real, given.length === 0 ? [real.now()] : given, made),
})
