/** The command, from the sources: in a process of its own, or here, which is many times faster. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runHere, type Ran } from './run-here.ts'

export const main: string = new URL('../../src/cli/main.ts', import.meta.url).pathname

/** Nothing of the environment of the tests but what Node itself needs to start, and to start soon. */
export const bareEnv: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
}

/** A directory to work in, and the command run there. */
export class Workplace {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'auditproof-cli-'))

  path(name: string): string {
    return join(this.folder, name)
  }

  /** In this process, whose working directory it changes. */
  here(args: readonly string[]): Promise<Ran> {
    process.chdir(this.folder)
    return runHere(args)
  }

  run(args: readonly string[], input?: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const child = spawn(process.execPath, ['--conditions=auditproof-source', main, ...args], {
      cwd: this.folder,
      env: { ...bareEnv, ...env },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.stdin.on('error', () => {}) // a command that does not read may end first
    child.stdin.end(input ?? '')
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
  }

  [Symbol.dispose](): void {
    process.chdir(tmpdir())
    rmSync(this.folder, { recursive: true, force: true })
  }
}
