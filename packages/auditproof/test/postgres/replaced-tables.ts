/** The tables of the replaced systems, in the variants that are found in the field. */

export interface Variant {
  key: 'BIGSERIAL' | 'UUID'
  reference: 'UUID' | 'TEXT'
  address: 'INET' | 'TEXT'
  json: 'JSONB' | 'JSON'
}

export const variants: readonly Variant[] = [
  { key: 'BIGSERIAL', reference: 'UUID', address: 'INET', json: 'JSONB' },
  { key: 'UUID', reference: 'TEXT', address: 'TEXT', json: 'JSON' },
]

const keyOf = ({ key }: Variant): string =>
  key === 'UUID' ? 'id UUID PRIMARY KEY DEFAULT gen_random_uuid()' : 'id BIGSERIAL PRIMARY KEY'

export const tables: {
  readonly [kind in 'dashboard' | 'lawfirm' | 'recorder' | 'mailarchive']: (variant: Variant) => string
} = {
  dashboard: (of) => `CREATE TABLE audit_log (${keyOf(of)}, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT,
    detail ${of.json}, node_id TEXT, created_at TIMESTAMPTZ NOT NULL DEFAULT now())`,
  lawfirm: (of) => `CREATE SCHEMA kanzlai; CREATE TABLE kanzlai.audit_log (${keyOf(of)},
    tenant_id ${of.reference} NOT NULL, user_id ${of.reference}, action TEXT NOT NULL, entity_type TEXT NOT NULL,
    entity_id ${of.reference}, old_values ${of.json}, new_values ${of.json}, ip_address ${of.address}, user_agent TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now())`,
  recorder: (of) => `CREATE TABLE audit_log (${keyOf(of)}, user_id ${of.reference}, event_id ${of.reference},
    action TEXT NOT NULL, entity_type TEXT, target_id ${of.reference}, metadata ${of.json} NOT NULL DEFAULT '{}',
    request_id TEXT, created_at TIMESTAMPTZ NOT NULL DEFAULT now())`,
  mailarchive: (of) => `CREATE TABLE audit_log (${keyOf(of)}, timestamp TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    event_type VARCHAR(50) NOT NULL, username VARCHAR(255) NOT NULL DEFAULT '',
    ip_address VARCHAR(45) NOT NULL DEFAULT '', query TEXT NOT NULL DEFAULT '', mail_id VARCHAR(255) NOT NULL DEFAULT '',
    success BOOLEAN NOT NULL DEFAULT true, detail TEXT NOT NULL DEFAULT '')`,
}
