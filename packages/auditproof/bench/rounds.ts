/**
 * Interleaved rounds: every variant runs once a round, so that what the machine does meanwhile meets all of them.
 * Figures of different runs are not comparable; ratios inside one are. A round in which the raw disk was off by 2×
 * from the median counts for nothing.
 */

export interface Measured {
  /** Events, rows or calls a second. */
  rate: number
  /** Milliseconds one call took. */
  p50?: number
  p99?: number
  /** Delay of the caller's event loop, 99th percentile, milliseconds. */
  lag?: number
}

export interface Variant {
  name: string
  run: () => Promise<Measured>
}

export interface Result extends Measured {
  name: string
  rounds: number
}

/** @param disk measures the raw disk at the beginning of each round */
export async function interleave(disk: Variant, variants: readonly Variant[], rounds: number): Promise<Result[]> {
  const measured: Measured[][] = []
  for (let round = 0; round < rounds; round++) {
    const row: Measured[] = []
    for (const { name, run } of [disk, ...variants]) {
      const figures = await run()
      row.push(figures)
      process.stderr.write(`round ${round + 1}/${rounds}  ${name.padEnd(58)} ${Math.round(figures.rate)}/s\n`)
    }
    measured.push(row)
  }
  const diskRate = median(measured.map((row) => row[0]!.rate))
  const kept = measured.filter((row) => row[0]!.rate > diskRate / 2 && row[0]!.rate < diskRate * 2)
  return [disk, ...variants].map(({ name }, i) => {
    const result: Result = { name, rounds: kept.length, rate: median(kept.map((row) => row[i]!.rate)) }
    for (const figure of ['p50', 'p99', 'lag'] as const) {
      const values = kept.flatMap((row) => row[i]![figure] ?? [])
      if (values.length > 0) result[figure] = median(values)
    }
    return result
  })
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

/** `callers` loops, each calling and awaiting, for `ms`; the first tenth warms up and is not counted. */
export async function closedLoop(
  callers: number,
  ms: number,
  call: (n: number) => Promise<unknown>,
): Promise<Measured> {
  const began = performance.now()
  const from = began + ms / 10
  const times: number[] = []
  let n = 0
  let counted = 0
  const lag = new LagMeter()
  const loop = async (): Promise<void> => {
    for (;;) {
      const start = performance.now()
      if (start - began > ms) return
      await call(n++)
      if (start < from) continue
      times.push(performance.now() - start)
      counted += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, loop))
  const seconds = (performance.now() - from) / 1_000
  times.sort((a, b) => a - b)
  return { rate: counted / seconds, p50: percentile(times, 0.5), p99: percentile(times, 0.99), lag: lag.stop() }
}

/** How late a timer of 1 ms comes. */
class LagMeter {
  readonly #late: number[] = []
  readonly #timer: NodeJS.Timeout
  #due = performance.now() + 1

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now()
      this.#late.push(Math.max(0, now - this.#due))
      this.#due = now + 1
    }, 1)
  }

  stop(): number {
    clearInterval(this.#timer)
    this.#late.sort((a, b) => a - b)
    return percentile(this.#late, 0.99)
  }
}

export function table(results: readonly Result[]): string {
  const cell = (value: number | undefined, digits: number): string =>
    value === undefined ? '–' : value.toFixed(digits)
  const rows = results.map(
    ({ name, rate, p50, p99, lag, rounds }) =>
      `| ${name} | ${Math.round(rate).toLocaleString('en')} | ${cell(p50, 2)} | ${cell(p99, 2)} | ${cell(lag, 2)} | ${rounds} |`,
  )
  return [
    '| variant | per second | p50 ms | p99 ms | loop lag p99 ms | rounds |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows,
  ].join('\n')
}
