/** Applications that record all the time, each a process of its own, and what they were told. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Told {
  attempted: Set<string>
  acknowledged: Map<string, { tenant: string; index?: number }>
  failed: { id: string; code: string; message: string }[]
}

export interface Applications {
  told: () => Told
  /** Resolves when each of them has had another event acknowledged. */
  goOn: (timeoutMs?: number) => Promise<void>
  /** They end by themselves. @returns what they said on stderr */
  end: () => Promise<string>
}

/** @param flags by label: those of workload.ts */
export function startApplications(
  url: string,
  data: string,
  flags: Readonly<Record<string, readonly string[]>>,
): Applications {
  const acks = join(data, 'acks')
  let stderr = ''
  const running = Object.entries(flags).map(([label, more]) => {
    const module = new URL('workload.ts', import.meta.url).pathname
    const args = ['--conditions=auditproof-source', module, url, data, label, acks, ...more]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    return child
  })
  const ended = running.map(async (child) => new Promise((resolve) => child.once('close', resolve)))
  const told = (): Told => readTold(existsSync(acks) ? readFileSync(acks, 'utf8') : '')
  const countsOf = ({ acknowledged }: Told): Map<string, number> => {
    const counts = new Map<string, number>(Object.keys(flags).map((label) => [label, 0]))
    for (const id of acknowledged.keys()) counts.set(labelOf(id), (counts.get(labelOf(id)) ?? 0) + 1)
    return counts
  }
  return {
    told,
    async goOn(timeoutMs = 60_000) {
      const before = countsOf(told())
      const until = Date.now() + timeoutMs
      for (;;) {
        await sleep(25)
        const all = told()
        const now = countsOf(all)
        if ([...before].every(([label, count]) => now.get(label)! > count)) return
        if (running.some(({ exitCode }) => exitCode !== null)) throw new Error(`an application has ended: ${stderr}`)
        if (Date.now() > until)
          throw new Error(`after ${timeoutMs} ms not all go on: ${JSON.stringify([...now])}, ${JSON.stringify(all.failed.at(-1))}`) // prettier-ignore
      }
    },
    async end() {
      for (const child of running) child.kill('SIGTERM')
      const late = setTimeout(() => running.forEach((child) => child.kill('SIGKILL')), 90_000)
      await Promise.all(ended)
      clearTimeout(late)
      return stderr
    },
  }
}

const labelOf = (id: string): string => id.slice(0, id.lastIndexOf('-'))

function readTold(text: string): Told {
  const told: Told = { attempted: new Set(), acknowledged: new Map(), failed: [] }
  for (const line of text.split('\n')) {
    if (!line.endsWith('}')) continue
    const one = JSON.parse(line) as
      | { attempted: string }
      | { stored: string; tenant: string; index?: number }
      | { failed: string; code: string; message: string }
      | { closed: object }
    if ('attempted' in one) told.attempted.add(one.attempted)
    else if ('stored' in one)
      told.acknowledged.set(one.stored, {
        tenant: one.tenant,
        ...(one.index !== undefined && { index: one.index }),
      })
    else if ('failed' in one) told.failed.push({ id: one.failed, code: one.code, message: one.message })
  }
  return told
}
