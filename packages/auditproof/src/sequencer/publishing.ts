/** Who puts checkpoints over what is stored: this process, or another one. */
import { AuditError } from '../errors.ts'
import type { Publisher } from './publisher.ts'

export type Publishing = Pick<Publisher, 'nudge' | 'publishNow' | 'close' | 'refusals' | 'lastError'>

/** For a process without the key. */
export const publishedElsewhere: Publishing = {
  nudge() {},
  publishNow: () =>
    Promise.reject(
      new AuditError('usage', 'This process does not sign: another one publishes what it records.', {
        hint: 'ack.published() waits for that one',
      }),
    ),
  close: async () => {},
  refusals: new Map(),
  lastError: undefined,
}
