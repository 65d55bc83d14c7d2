/** docs/http.md: its examples run, and it has the codes and limits that the code has. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errorCodes, AuditError } from '../../src/errors.ts'
import { httpCodes, problemOf } from '../../src/http/problem.ts'
import { key, startServer, temporaryData, type Served } from '../http/served.ts'

const page = readFileSync(new URL('../../../../docs/http.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, code]) => code!)
const { data, remove } = temporaryData()
let here: Served
beforeAll(async () => {
  here = await startServer(data)
})
afterAll(async () => {
  await here.stop()
  remove()
})

test('the examples of the page run, one after the other', async () => {
  const outputs: string[] = []
  for (const code of examples) {
    const env = { PATH: process.env['PATH'], URL: here.url, KEY: key }
    outputs.push((await promisify(execFile)('sh', ['-ec', code], { env, cwd: data })).stdout)
  }
  const [acks, list, , survey, live] = outputs
  expect(JSON.parse(acks!)).toMatchObject([{ id: 'e1', tenant: 'lind', state: 'stored' }])
  expect(JSON.parse(list!)).toMatchObject({ events: [{ id: 'e1' }] })
  expect(JSON.parse(survey!)).toMatchObject({ count: 1, complete: true })
  expect(live).toMatch(/^event: audit\ndata: \{"id":"e1"/)
})

test('the page names every code of HTTP, and every one whose message a client is told', () => {
  for (const code of httpCodes) expect(page, code).toContain(`\`${code}\``)
  for (const code of errorCodes)
    if (problemOf(new AuditError(code, 'x')).status !== 500) expect(page, code).toContain(`\`${code}\``)
})
