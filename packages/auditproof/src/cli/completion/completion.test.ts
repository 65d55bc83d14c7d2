/** Each script runs in its own shell; one that is not on this machine shows as skipped. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outcomes } from '../../event/event.ts'
import { importKinds, tableKindNames } from '../../import/index.ts'
import { runCli } from '../run-cli.ts'
import { shellQuoted } from './quote.ts'

const work = mkdtempSync(join(tmpdir(), 'auditproof-completion-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))
writeFileSync(join(work, "a file's name.json"), '')

const scriptPath = (shell: string): string => join(work, `completion.${shell}`)

async function run(args: string[], terminal = false): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' }
  const collect = (name: 'stdout' | 'stderr'): PassThrough =>
    new PassThrough({ encoding: 'utf8' }).on('data', (text: string) => (said[name] += text))
  const streams = { stdout: collect('stdout'), stderr: collect('stderr') }
  if (terminal) Object.assign(streams.stdout, { isTTY: true, columns: 80 })
  const code = await runCli(args, { ...(streams as unknown as Streams), env: {}, exit: () => {} })
  await setImmediate()
  return { code, ...said }
}
type Streams = { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream }

beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(scriptPath(shell), (await run(['completion', shell])).stdout)
})

const hasShell = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0

function linesOf(shell: string, program: string): string[] {
  const { status, stdout, stderr } = spawnSync(shell, ['-c', program], { cwd: work, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.split('\n').filter((line) => line !== '')
}

/** What stands before the caret, as words; and what is offered there. */
const offers: [words: string[], offered: readonly string[]][] = [
  [['lo'], ['log']],
  [['co'], ['completion']],
  [['--data', 'verify', 'lo'], ['log']],
  [
    ['log', '-o', ''],
    ['short', 'json', 'jsonl'],
  ],
  [
    ['log', '--output', 'jso'],
    ['json', 'jsonl'],
  ],
  [['log', '--outcome', ''], outcomes],
  [
    ['log', '--act'],
    ['--actor', '--action'],
  ],
  [['log', '--actor', ''], []],
  [['log', '--da'], ['--data']],
  [['import', ''], importKinds],
  [['import', '--instance', 'x', 'g'], ['git']],
  [['import', 'table', 'x', '--like', ''], tableKindNames],
  [['import', 'table', 'x', '--jsonl', 'a'], ["a file's name.json"]],
  [['import', 'git', 'a'], ["a file's name.json"]],
  [['show', '--receipt', 'a'], ["a file's name.json"]],
  [
    ['checkpoint', ''],
    ['show', 'list', 'publish'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
]

/** In any order; formats may be added to a command without this list. */
function expectOffered(offered: string[], expected: readonly string[]): void {
  if (expected.length === 0) expect(offered).toEqual([])
  else expect(offered).toEqual(expect.arrayContaining([...expected]))
  expect(offered.length).toBeLessThanOrEqual(expected.length + 3)
}

describe('bash', () => {
  const complete = (words: readonly string[]): string[] => {
    const all = ['auditproof', ...words].map(shellQuoted).join(' ')
    return linesOf(
      'bash',
      `source ${shellQuoted(scriptPath('bash'))}; COMP_WORDS=(${all}); COMP_CWORD=${words.length}
       _auditproof; (( \${#COMPREPLY[@]} )) && printf '%s\\n' "\${COMPREPLY[@]}"; exit 0`,
    )
  }

  test.each(offers)('auditproof %j', (words, expected) => {
    expectOffered(complete(words), expected)
  })

  test('--output=json, which bash cuts into three words', () => {
    expect(complete(['log', '--output', '=', 'jsonl'])).toEqual(['jsonl'])
    expect(complete(['log', '--output', '='])).toContain('json')
    expect(complete(['--data', '=', 'verify', 'lo'])).toEqual(['log'])
  })

  test('registers itself', () => {
    expect(linesOf('bash', `source ${shellQuoted(scriptPath('bash'))}; complete -p auditproof`)).toEqual([
      'complete -F _auditproof auditproof',
    ])
  })
})

describe.skipIf(!hasShell('zsh'))('zsh', () => {
  // Its completion system needs a terminal: what the script tells that system is told here instead.
  const stubs = `compdef() { }
    compset() { words[CURRENT]=\${words[CURRENT]#*=} }
    compadd() { shift; for one; do [[ $one == \${words[CURRENT]}* ]] && print -r -- $one; done }
    _describe() { local -a all=("\${(@P)@[-1]}"); compadd -- "\${(@)all%%:*}" }
    _files() { [[ $1 == -/ ]] || compadd -- *(N) }`

  test.each(offers)('auditproof %j', (words, expected) => {
    const all = ['auditproof', ...words].map(shellQuoted).join(' ')
    const program = `${stubs}
      source ${shellQuoted(scriptPath('zsh'))}; words=(${all}); CURRENT=${words.length + 1}; _auditproof; true`
    expectOffered(linesOf('zsh', program), expected)
  })
})

describe.skipIf(!hasShell('fish'))('fish', () => {
  test.each(offers)('auditproof %j', (words, expected) => {
    const line = `auditproof ${words.join(' ')}`
    const program = `source ${shellQuoted(scriptPath('fish'))}; complete -C ${shellQuoted(line)}`
    expectOffered(
      linesOf('fish', program).map((offered) => offered.split('\t')[0]!.replaceAll('\\', '')),
      expected,
    )
  })
})

test('the script is the same each time, and runs nothing of auditproof', async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await run(['completion', shell])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect((await run(['completion', shell])).stdout).toBe(stdout)
    expect(stdout).not.toMatch(/\$\(auditproof|`/)
  }
})

test('on a terminal, how to install it stands on stderr', async () => {
  const { stdout, stderr } = await run(['completion', 'bash'], true)
  expect(stderr).toMatch(/auditproof completion bash > ~\/\.local/)
  expect(stdout).not.toContain('To install')
})

test('another shell is refused, with those that are known', async () => {
  const { code, stderr } = await run(['completion', 'bsh'])
  expect(code).toBe(2)
  expect(stderr).toMatch(/did you mean bash\?/)
})
