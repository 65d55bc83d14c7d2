import { expect, test } from 'vitest'
import type { ReadEvent } from './event.ts'
import { describeChange, fieldOf, sentenceOf } from './sentence.ts'

const event: ReadEvent = {
  id: 'e1',
  tenant: 'lind',
  log: 'store/1',
  index: 0,
  leafHash: '',
  erased: [],
  action: 'case.update',
  outcome: 'success',
  actor: { type: 'user', id: 'u_7', name: 'Mara Lind' },
  targets: [{ type: 'case', id: 'c_12', name: 'Müller ./. Kranz' }],
}

test('names rather than ids, and the one change in the sentence', () => {
  expect(sentenceOf({ ...event, changes: [{ path: '/status', op: 'replace', old: 'open', new: 'closed' }] })).toBe(
    'Mara Lind did case.update on case Müller ./. Kranz: status: open → closed',
  )
})

test('what did not succeed says so, with the reason', () => {
  expect(sentenceOf({ ...event, outcome: 'denied', reason: { text: 'not assigned' } })).toBe(
    'Mara Lind tried case.update on case Müller ./. Kranz, and was denied (not assigned)',
  )
})

test('whoever acts for somebody is named with them', () => {
  const actor = {
    type: 'agent' as const,
    name: 'Filing agent',
    via: 'mcp',
    onBehalfOf: { type: 'user' as const, name: 'Ines' },
  }
  expect(sentenceOf({ ...event, actor, targets: [] })).toBe('agent Filing agent for Ines via mcp did case.update')
})

test('what is erased is said to be erased', () => {
  const { actor: _, targets: _targets, ...rest } = event
  expect(sentenceOf({ ...rest, erased: ['actor', 'target'] })).toBe(
    'somebody (erased) did case.update on something (erased)',
  )
})

test('null, empty text and absent look different', () => {
  expect(describeChange({ path: '/a', op: 'replace', old: null, new: '' })).toBe('a: null → ""')
  expect(describeChange({ path: '/a', op: 'add', new: 1 })).toBe('a: (none) → 1')
  expect(fieldOf('/address/a~1b/0')).toBe('address.a/b.0')
})
