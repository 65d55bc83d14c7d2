import type { QueryKey } from './query.ts'

const lines: { readonly [key in QueryKey]: string } = {
  actor: 'who did it: user/u_7, or the id or the name alone',
  as: 'for whom it was done: the impersonated user, or the human behind an agent',
  action: 'what was done: case.delete, or case.*',
  target: 'what it was done to: case/c_12, or the id or the name alone',
  scope: 'what it belongs to: matter/m_3, or the id or the name alone',
  tenant: 'whose trail',
  outcome: 'success, failure, denied or unknown',
  severity: 'info, notice, warning or critical; severity:>=warning',
  ip: 'where it came from: an address, a network such as 10.0.0.0/8, or a host name',
  at: 'when it happened, in UTC: 2026-03-01 (that whole day), yesterday, at:>=-7d at:<2026-03-01T10:00Z',
  request: 'the id of the request',
  correlation: 'the id that several events share, or that of the trace',
  session: 'the session of the actor',
  reason: 'why: the code, or the text, or how it begins: reason:dup*',
  via: 'through what: api, mcp, console',
  has: 'changes, reason or proof: has it',
  changed: 'a field that was changed: status, or by its path, /address/city',
  is: 'erased, imported, unsealed, impersonated or flagged',
}

/** One line of help. */
export const describeKey = (key: QueryKey): string => lines[key]
