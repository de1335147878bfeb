/** Thrown when something outside the server keeps it from starting: a line per problem, naming the variable to change. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options)
    this.problems = problems.map((problem) => problem.replaceAll(/\s+/g, ' '))
  }
}
