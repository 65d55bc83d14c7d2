import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { Workplace } from '../cli/run.ts'

const place = new Workplace()
afterAll(() => place[Symbol.dispose]())

const page = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')
const lines = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'))

it('the page on operations has command lines that do what it says, one after the other', async () => {
  await place.here(['record', 'case.open', '--origin', 'audit.example.org'])
  let backedUp = false
  for (const line of lines) {
    const [, command, exit = '0'] = /^auditproof (.*?)(?: +# exit (\d).*)?$/.exec(line)!
    const { code, stdout, stderr } = await place.here(command!.split(' '))
    expect({ line, code, said: stdout + stderr }).toMatchObject({ line, code: Number(exit) })
    if (line.includes('--accept-rollback')) expect(stderr).toContain('Accepted for 3 logs')
    if (backedUp || !line.startsWith('auditproof backup')) continue
    // What is recorded after the backup is what its restoring loses.
    backedUp = true
    await place.here(['record', 'case.close'])
    writeFileSync(place.path('newer.checkpoint'), (await place.here(['checkpoint', '--tenant', 'default'])).stdout)
  }
  expect(lines.length).toBeGreaterThan(8)
})
