import { afterAll, beforeAll, expect, it } from 'vitest'
import { runHere, type Ran } from '../cli/run-here.ts'
import { newFilledDatabase, type FilledDatabase } from './filled.ts'

let database: FilledDatabase
beforeAll(async () => void (database = await newFilledDatabase()))
afterAll(() => database.drop())

const doctor = (store: string, ...options: string[]): Promise<Ran> =>
  runHere(['doctor', '--json', '--data', database.data, '--store', store, ...options])

interface Finding {
  name: string
  state: string
  detail: string
  fix?: string
}
const findingsOf = ({ stdout }: Ran): Finding[] => (JSON.parse(stdout) as { findings: Finding[] }).findings
const wrongOf = (ran: Ran): Finding[] => findingsOf(ran).filter(({ state }) => state === 'wrong')

it('doctor finds a store in PostgreSQL in order, for the login of an application', async () => {
  const ran = await doctor(database.appUrl)
  expect(wrongOf(ran)).toEqual([])
  expect(ran.code).toBe(0)
  expect(findingsOf(ran).find(({ name }) => name === 'store')?.detail).toMatch(/4 logs/)
})

it('doctor refuses a superuser with what to do; --allow-owner makes it worth knowing', async () => {
  const refused = await doctor(database.url)
  expect(refused.code).toBe(1)
  expect(wrongOf(refused)).toEqual([
    { name: 'login', state: 'wrong', detail: 'postgres is a superuser: no guard binds it', fix: expect.stringContaining('CREATE ROLE app LOGIN') as string }, // prettier-ignore
  ])
  const accepted = await doctor(database.url, '--allow-owner')
  expect([accepted.code, wrongOf(accepted)]).toEqual([0, []])
  expect(findingsOf(accepted).find(({ name }) => name === 'login')).toMatchObject({ state: 'warning' })
})

it('doctor says of a login that may not read what it could not see, and still looks at the server', async () => {
  const ran = await doctor(database.urlOf('writer'))
  expect(findingsOf(ran).find(({ name }) => name === 'append-only triggers')).toMatchObject({ state: 'ok' })
  expect(wrongOf(ran)).toEqual([
    { name: 'store', state: 'wrong', detail: expect.stringContaining('this login may not') as string, fix: expect.any(String) as string }, // prettier-ignore
  ])
})
