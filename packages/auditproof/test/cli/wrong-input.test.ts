/** What goes in wrongly comes out as a message, a hint and an exit code; never as a stack, never as a new trail. */
import { readdirSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { runHere } from './run-here.ts'
import { Workplace } from './run.ts'

const place = new Workplace()
afterAll(() => place[Symbol.dispose]())
// Where a command could leave something, should it make a trail that it must not make.
const text = place.path('text')
const missing = place.path('missing')
writeFileSync(text, 'neither receipt nor key\n')
const run = (command: string): ReturnType<typeof runHere> =>
  runHere(
    command.split(' ').map((word) => (word === 'text' ? text : word === 'missing' ? missing : word)),
    { AUDITPROOF_DATA: place.path('data') },
  )

const table: [code: number, command: string, says: string][] = [
  [2, 'lgo', 'did you mean log?'],
  [2, 'log --sicne 3', 'did you mean --since?'],
  [2, 'log extra', 'too many arguments'],
  [2, 'log --since gestern', '7d (seven days ago)'],
  [2, 'log --outcome sucess', 'did you mean success?'],
  [2, 'log -n 0', '-n all'],
  [2, 'log -o xml', 'known: short, full, json, jsonl, csv'],
  [5, '--store postgres://user:secret@127.0.0.1:1/db log', '127.0.0.1:1'],
  [5, 'log', 'There is no audit store'],
  [2, 'record', '--file events.ndjson'],
  [2, 'record a.b --outcome maybe', 'known: success'],
  [2, 'record a.b --details {', 'not JSON'],
  [2, 'record a.b --target c_12', 'type/id'],
  [2, 'record a.b --actor usr/u_7', 'did you mean user?'],
  [2, 'record a.b --tenant _system', 'reserved'],
  [4, 'record --file missing', 'does not exist'],
  [2, 'import cloudtrial x', 'did you mean cloudtrail?'],
  [2, 'import ndjson', 'missing required argument'],
  [2, 'import ndjson text --tenant-from nowhere', 'JSON pointer'],
  [4, 'import ndjson missing', 'does not exist'],
  [2, 'show', 'Which event?'],
  [2, 'show e1 --withhold actor', '--receipt FILE'],
  [2, 'show e1 --receipt r --withhold actr', 'did you mean actor?'],
  [4, 'verify text', 'is no receipt'],
  [4, 'verify missing', 'no such file'],
  [4, 'verify --key text', 'vkey'],
  [4, 'verify --since text', 'text is no checkpoint'],
  [4, 'verify .', 'it is a directory'],
  [5, 'verify', 'There is no audit store'],
  [2, 'tiles', "required option '--out <dir>'"],
  [2, 'checkpoint shwo', 'did you mean show?'],
  [5, 'checkpoint publish', 'There is no audit store'],
  [5, 'key', 'no signing key'],
  [2, 'key old', 'known: show, new'],
  [1, 'doctor', 'does not exist'],
  [2, 'serve --port 99999', 'not a port'],
]

test.for(table)('exit %i: auditproof %s', async ([code, command, says]) => {
  const ran = await run(command)
  const said = ran.stderr + ran.stdout
  expect(said).toContain(says)
  expect(ran.code).toBe(code)
  expect(said).toMatch(/→ |^line \d/m)
  expect(said).not.toMatch(/\n {4}at |node:internal|secret/)
  expect(readdirSync(place.folder)).toEqual(['text'])
})

test('help leads with examples, and version is one line', async () => {
  const [help, command, version] = await Promise.all([run('--help'), run('help log'), run('--version')])
  expect([help.code, command.code, version.code]).toEqual([0, 0, 0])
  expect(help.stdout).toMatch(/^Examples:\n/)
  expect(command.stdout).toMatch(/^Examples:\n(?:.*\n)+\nUsage: auditproof log/)
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})
