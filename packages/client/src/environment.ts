type Process = { env?: Record<string, string | undefined> }

/** A variable of the environment, on platforms that have one; undefined when it is unset or empty. */
export function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: Process }
  return process?.env?.[name] || undefined
}
