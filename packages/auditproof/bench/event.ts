/** The event all variants store: about 480 bytes of canonical JSON, as an application's update has. */
import type { EventInput } from '../src/index.ts'

export const action = 'case.update'

export const eventNumber = (n: number): EventInput => ({
  actor: { type: 'user', id: `u_${n % 50}`, name: 'Mara Lind', email: 'mara.lind@example.org' },
  targets: [{ type: 'case', id: `c_${n % 5_000}`, name: 'Müller ./. Kranz' }],
  changes: [{ path: '/status', op: 'replace', old: 'open', new: 'closed' }],
  context: { ip: '192.0.2.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', requestId: `req-${n}` },
})
