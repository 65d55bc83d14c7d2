import { expect, test } from 'vitest'
import type { JsonObject } from '../event/json.ts'
import { Fields } from './fields.ts'
import { mapWindows, windowsProblem } from './windows.ts'

const record = {
  EventID: 4625,
  Channel: 'Security',
  Hostname: 'pc1.example.org',
  RecordNumber: 77,
  EventTime: '2024-01-01 00:00:00',
  EventType: 'AUDIT_FAILURE',
  Category: 'Logon',
  Message: 'An account failed to log on.\r\n\r\nSubject:\r\n\t…',
  SubjectUserName: '-',
  SubjectUserSid: 'S-1-0-0',
  SubjectLogonId: '0x0',
  TargetUserName: 'ada',
  TargetDomainName: 'ACME',
  TargetUserSid: 'S-1-5-21-1-1104',
  IpAddress: '192.0.2.1',
  IpPort: '50000',
  Status: '0xc000006d',
  SubStatus: '0xc000006a',
  Keywords: '-9214364837600034816',
}
const eventOf = (members: JsonObject): ReturnType<typeof mapWindows>['event'] =>
  mapWindows(new Fields({ ...record, ...members })).event

test('an event becomes channel and number, at a local time that is taken as UTC', () => {
  const fields = new Fields(record)
  expect(mapWindows(fields)).toEqual({
    action: 'Security.4625',
    sourceId: 'pc1.example.org Security 77',
    event: {
      occurredAt: '2024-01-01T00:00:00Z',
      outcome: 'failure',
      reason: { code: '0xc000006a' },
      actor: { type: 'user', id: 'ACME\\ada', name: 'ada' },
      targets: [{ type: 'user', id: 'ACME\\ada', name: 'ada' }],
      context: { ip: '192.0.2.1', node: 'pc1.example.org' },
      details: {
        summary: 'An account failed to log on.',
        category: 'Logon',
        port: '50000',
        timeZone: 'not in the source, taken as UTC',
      },
    },
  })
  expect(fields.notTaken()).toEqual(['Status', 'Keywords'])
})

test('the subject acts, on the object and on the account that are named', () => {
  const event = eventOf({
    SubjectUserName: 'bob',
    SubjectDomainName: 'ACME',
    SubjectLogonId: '0x3e7',
    ObjectType: 'File',
    ObjectName: 'C:\\x',
  })
  expect(event.actor).toEqual({ type: 'user', id: 'ACME\\bob', name: 'bob', sessionId: '0x3e7' })
  expect(event.targets).toEqual([
    { type: 'File', id: 'C:\\x' },
    { type: 'user', id: 'ACME\\ada', name: 'ada' },
  ])
})

test.each([
  ['S-1-5-18', 'PC1$', 'system'],
  ['S-1-5-19', 'LOCAL SERVICE', 'service'],
  ['S-1-5-21-1-1000', 'PC1$', 'service'],
  ['S-1-5-7', 'ANONYMOUS LOGON', 'anonymous'],
  ['S-1-5-21-1-1104', 'ada', 'user'],
])('%s, %s, is of type %s', (SubjectUserSid, SubjectUserName, type) => {
  expect(eventOf({ SubjectUserSid, SubjectUserName }).actor).toMatchObject({ type })
})

test('without computer or number an event has no id of its own', () => {
  expect(mapWindows(new Fields({ EventID: 1, RecordNumber: 1 }))).not.toHaveProperty('sourceId')
})

test('a record without an event id is of another kind', () => {
  expect(windowsProblem(new Fields({ Hostname: 'x' }))).toMatch(/no Windows event/)
})
