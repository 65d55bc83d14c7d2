import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAction } from '../event/clear.ts'
import { actionOf } from './action.ts'

test.each([
  [['s3', 'GetObject'], 's3.GetObject'],
  [['s3', undefined], 's3'],
  [['pods/exec', 'create'], 'pods/exec.create'],
  [[undefined, 'Get Object/../x!'], 'Get_Object/x_'],
  [['..', '-'], 'unclassified'],
  [[], 'unclassified'],
  [['x', 'ä'.repeat(3)], 'x._'],
])('the action of %j is %s', (parts, action) => {
  expect(actionOf(...parts)).toBe(action)
})

test('whatever the parts are, the action is in its grammar', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 })), (parts) => {
      expect(isAction(actionOf(...parts))).toBe(true)
    }),
  )
})
