/** A receipt as a download. */
import type { Audit } from '../audit.ts'
import { makeReceipt } from '../evidence/index.ts'
import { readEvent } from '../reader/index.ts'

/** Publishes first where the event is not yet under a signed checkpoint. */
export async function receiptOf(audit: Audit, id: string, tenant: string | undefined): Promise<Response> {
  const { store } = await audit.opened()
  const { event, head } = await readEvent(store, { id, tenant })
  if ((head.published?.size ?? 0) <= event.index) await audit.publish()
  const text = await makeReceipt(store, { tenant: event.tenant, index: event.index })
  return new Response(text, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      // The id's vocabulary is closed: nothing in it ends the quotes.
      'content-disposition': `attachment; filename="${event.id.replaceAll(':', '_')}.tlog-proof"`,
    },
  })
}
