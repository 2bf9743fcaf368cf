/** One variable that cannot be used as it is. */
export type ConfigProblem = { name: string; message: string }

/** Everything that is wrong with the environment, told at once so that it is mended at once. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(['The configuration has problems:', ...problems.map((each) => `  ${each.message}`)].join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

export type Environment = Readonly<Record<string, string | undefined>>

type Range = { min: number; max: number; whole?: boolean }

/**
 * Reads variables one by one and remembers what is wrong with each instead of throwing. A variable that is empty
 * or blank counts as not set. The value of a variable named in `secretNames` never appears in a message.
 */
export class EnvironmentReader {
  readonly problems: ConfigProblem[] = []
  readonly #env: Environment
  readonly #secretNames: ReadonlySet<string>

  constructor(env: Environment, secretNames: ReadonlySet<string>) {
    this.#env = env
    this.#secretNames = secretNames
  }

  text(name: string): string | null {
    return this.#env[name]?.trim() || null
  }

  /** The value `parse` makes of the text; null from `parse` means that the text is not `accepted`. */
  parsed<T>(name: string, accepted: string, parse: (text: string) => T | null): T | null {
    const text = this.text(name)
    if (text === null) return null
    const value = parse(text)
    if (value === null) this.reject(name, accepted)
    return value
  }

  number(name: string, fallback: number, range: Range): number {
    const accepted = `a ${range.whole === false ? '' : 'whole '}number from ${range.min} to ${range.max}`
    const value = this.parsed(name, accepted, (text) => {
      const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
      const fits =
        number >= range.min && number <= range.max && (range.whole === false || Number.isInteger(number))
      return fits ? number : null
    })
    return value ?? fallback
  }

  choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const value = this.parsed(name, `one of ${choices.join(', ')}`, (text) => {
      return choices.find((choice) => choice === text.toLowerCase()) ?? null
    })
    return value ?? fallback
  }

  /** Adds the problem that the value of `name` is not `accepted`. */
  reject(name: string, accepted: string): void {
    const text = this.text(name)
    const shown = this.#secretNames.has(name) ? 'is set to something else' : `is ${JSON.stringify(text)}`
    const found = text === null ? 'is not set' : shown
    this.problems.push({ name, message: `${name} ${found}; it has to be ${accepted}.` })
  }

  /** Adds a problem that is not about one value alone. */
  complain(name: string, message: string): void {
    this.problems.push({ name, message })
  }
}
