/** The audit tables of the systems that auditproof replaces, on a real server: every row once, and nothing of it lost. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { openPostgresTable, type TableImportOptions } from '../../src/import/index.ts'
import { main, Workplace } from '../cli/run.ts'
import { readTable, type Read } from '../import/table.ts'
import { newDatabase, type TestDatabase } from './database.ts'
import { tables, variants, type Variant } from './replaced-tables.ts'

type Like = keyof typeof tables

const place = new Workplace()
const databases: TestDatabase[] = []
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop()
})
afterAll(() => place[Symbol.dispose]())

async function database(sql: string): Promise<TestDatabase> {
  const made = await newDatabase()
  databases.push(made)
  await made.query(sql)
  return made
}

const defaultTable = (like: Like): string => (like === 'lawfirm' ? 'kanzlai.audit_log' : 'audit_log')

async function read(
  { url }: Pick<TestDatabase, 'url'>,
  like: Like,
  { table = defaultTable(like), ...rest }: Partial<Omit<TableImportOptions, 'table'>> & { table?: string } = {},
): Promise<Read> {
  return readTable(await openPostgresTable(url, table), { like, ...rest })
}

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** A row of each kind as SQL, with a value of its own in each column. */
const rowsOf = ({ key }: Variant): [Like, Record<string, string>][] => {
  const row = { id: key === 'UUID' ? `'${id(9)}'` : '9' }
  const at = `'2026-01-02T03:04:05.678901Z'`
  return [
    ['dashboard', { ...row, actor: `'a1'`, action: `'a.b'`, subject: `'s1'`, detail: `'{"d1":1}'`, node_id: `'n1'`, created_at: at, more: `'m1'` }],
    ['lawfirm', { ...row, tenant_id: `'${id(1)}'`, user_id: `'${id(2)}'`, action: `'a.b'`, entity_type: `'t1'`, entity_id: `'${id(3)}'`, old_values: `'"o1"'`, new_values: `'"n1"'`, ip_address: `'10.9.8.7'`, user_agent: `'ua1'`, created_at: at, more: `'m1'` }],
    ['lawfirm', { ...row, tenant_id: `'${id(1)}'`, action: `'a.b'`, entity_type: `'t1'`, created_at: at, more: `'m1'` }],
    ['recorder', { ...row, user_id: `'${id(2)}'`, event_id: `'${id(4)}'`, action: `'a.b'`, entity_type: `'t1'`, target_id: `'${id(3)}'`, metadata: `'{"d1":1}'`, request_id: `'r1'`, created_at: at, more: `'m1'` }],
    ['mailarchive', { ...row, timestamp: at, event_type: `'e1'`, username: `'u1'`, ip_address: `'10.9.8.7'`, query: `'q1'`, mail_id: `'i1'`, detail: `'d1'`, more: `'m1'` }],
  ] // prettier-ignore
}

describe.each(variants)('with $key, $reference, $address and $json', (variant: Variant) => {
  test('dashboard: actor, action, subject, detail and node', async () => {
    const db = await database(tables.dashboard(variant))
    await db.query(
      `INSERT INTO audit_log (actor, action, subject, detail, node_id, created_at) VALUES ('ada', 'backend.create',
       'web-1', '{"port": 9007199254740993, "weight": 0.5, "list": [1, null]}', 'n1', '2026-05-13 15:39:04.123456+02')`,
    )
    const { events } = await read(db, 'dashboard')
    const [row] = await db.query('SELECT id::text AS id FROM audit_log')
    expect(events).toEqual([
      expect.objectContaining({
        tenant: 'default',
        occurredAt: '2026-05-13T13:39:04.123456Z',
        action: 'backend.create',
        outcome: 'unknown',
        actor: { type: 'user', id: 'ada' },
        targets: [{ type: 'subject', id: 'web-1' }],
        context: { node: 'n1' },
        origin: { kind: 'import', source: 'dashboard', sourceId: row!['id'] },
        details: expect.objectContaining({
          detail: { port: '9007199254740993', weight: 0.5, list: [1, null] },
        }) as object,
      }),
    ])
  })

  test('lawfirm: tenant, changes path by path, address and agent', async () => {
    const db = await database(tables.lawfirm(variant))
    await db.query(
      `INSERT INTO kanzlai.audit_log (tenant_id, user_id, action, entity_type, entity_id, old_values, new_values, ip_address, user_agent)
       VALUES ($1, $2, 'case.update', 'case', $3, '{"title": "a", "party": {"a/b": 1, "same": [1]}}',
               '{"title": "b", "party": {"a/b": 2, "same": [1]}, "n": 12345678901234567890}', '2001:db8::1', 'curl/8'),
              ($1, NULL, 'case.view', 'case', NULL, NULL, NULL, NULL, NULL)`,
      [id(1), id(2), id(3)],
    )
    const { events } = await read(db, 'lawfirm', { tenant: 'of-rows-without-one' })
    const updated = events.find(({ action }) => action === 'case.update')
    expect(updated).toMatchObject({
      tenant: id(1),
      actor: { type: 'user', id: id(2) },
      targets: [{ type: 'case', id: id(3) }],
      context: { ip: '2001:db8::1', userAgent: 'curl/8' },
    })
    expect(updated!.changes!.toSorted((a, b) => (a.path > b.path ? -1 : 1))).toEqual([
      { path: '/title', op: 'replace', old: 'a', new: 'b' },
      { path: '/party/a~1b', op: 'replace', old: 1, new: 2 },
      { path: '/n', op: 'add', new: '12345678901234567890' },
    ])
    expect(events.find(({ action }) => action === 'case.view')).toMatchObject({
      actor: { type: 'anonymous' },
      targets: [],
      details: { entity_type: 'case' },
    })
  })

  test('recorder: target, event as scope, metadata and request', async () => {
    const db = await database(tables.recorder(variant))
    await db.query(
      `INSERT INTO audit_log (user_id, event_id, action, entity_type, target_id, metadata, request_id)
       VALUES ($1, $2, 'guest.invite', 'guest', $3, '{"by": "mail"}', 'r-1')`,
      [id(1), id(2), id(3)],
    )
    expect((await read(db, 'recorder', { tenant: 'acme' })).events).toEqual([
      expect.objectContaining({
        tenant: 'acme',
        actor: { type: 'user', id: id(1) },
        targets: [{ type: 'guest', id: id(3) }],
        scope: [{ type: 'event', id: id(2) }],
        context: { requestId: 'r-1' },
        details: expect.objectContaining({ metadata: { by: 'mail' } }) as object,
      }),
    ])
  })

  test('mailarchive: mails, searches, and a failed login of which only the name is known', async () => {
    const db = await database(tables.mailarchive(variant))
    await db.query(
      `INSERT INTO audit_log (timestamp, event_type, username, ip_address, query, mail_id, success, detail) VALUES
       ('2026-01-01 00:00:01Z', 'mail:ocr_download', 'ada', '10.0.0.1', '', 'm-1', true, ''),
       ('2026-01-01 00:00:02Z', 'login', 'hunter2', '10.0.0.9', '', '', false, 'no such user'),
       ('2026-01-01 00:00:03Z', 'search', 'ada', '', 'to:bob', '', false, '')`,
    )
    const { events } = await read(db, 'mailarchive')
    expect(events.toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1))).toMatchObject([
      { action: 'mail:ocr_download', outcome: 'success', actor: { type: 'user', id: 'ada' }, targets: [{ type: 'mail', id: 'm-1' }], context: { ip: '10.0.0.1' } },
      { action: 'login', outcome: 'failure', actor: { type: 'anonymous', name: 'hunter2' }, targets: [{ type: 'user', id: 'hunter2' }], details: { detail: 'no such user' } },
      { action: 'search', outcome: 'failure', actor: { type: 'user', id: 'ada' }, targets: [], context: { query: 'to:bob' } },
    ]) // prettier-ignore
  })

  test.each(rowsOf(variant))(
    '%s: the value of every column stands in its event, beside the original',
    async (like, row) => {
      const db = await database(tables[like](variant))
      await db.query(
        `ALTER TABLE ${defaultTable(like)} ADD COLUMN more TEXT;
       INSERT INTO ${defaultTable(like)} (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).join(', ')})`,
      )
      const [event] = (await read(db, like)).events
      const { details, ...rest } = event!
      const said = JSON.stringify({ ...rest, details: { ...details, original: undefined } })
      for (const [column, value] of Object.entries(row)) expect(said, column).toContain(value.replaceAll("'", ''))
    },
  )

  test('any row becomes one event that keeps every column to the digit, and the next run makes the same', async () => {
    const db = await database(tables.recorder(variant))
    const text = fc.string({ unit: 'binary', maxLength: 30 }).map((one) => one.toWellFormed().replaceAll('\0', ''))
    const reference = variant.reference === 'UUID' ? fc.uuid() : text
    const json = fc
      .json({ maxDepth: 3 })
      .map((one) => one.replaceAll(/\\u0000|\0/g, '').replaceAll(/\\ud[89a-f]../gi, 'x'))
    const row = fc.tuple(fc.option(reference), text, fc.option(text), fc.option(reference), json, fc.option(text), fc.integer({ min: 0, max: 4_000_000_000_000_000 })) // prettier-ignore
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
        await db.query('TRUNCATE audit_log')
        for (const one of rows)
          await db.query(
            `INSERT INTO audit_log (user_id, action, entity_type, target_id, metadata, request_id, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'epoch'::timestamptz + $7 * interval '1 microsecond')`,
            one,
          )
        const { events, malformed } = await read(db, 'recorder')
        expect([events.length, malformed]).toEqual([rows.length, []])
        const stored = await db.query(
          `SELECT id::text, user_id::text, action, entity_type, target_id::text, request_id, metadata::text AS json,
                  to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS at FROM audit_log`,
        )
        expect(new Set(events.map((event) => event.id)).size).toBe(rows.length)
        for (const { json: metadata, at, ...columns } of stored) {
          const event = events.find(({ origin }) => origin.sourceId === columns['id'])!
          const kept = event.details!['original'] as string | { base64: string }
          const original = typeof kept === 'string' ? kept : Buffer.from(kept.base64, 'base64').toString()
          const { metadata: _, created_at, id: key, ...others } = JSON.parse(original) as Record<string, unknown>
          expect({ ...others, id: String(key) }).toEqual(
            Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null)),
          )
          expect(original).toContain(`"metadata":${String(metadata)}`)
          expect(padded(event.occurredAt)).toBe(at)
          expect(padded(String(created_at).replace('+00:00', 'Z'))).toBe(at)
        }
        expect((await read(db, 'recorder')).events).toEqual(events)
      }),
      { numRuns: 25 },
    )
  }, 120_000)
})

const padded = (time: string): string => {
  const [seconds, fraction = ''] = time.slice(0, -1).split('.')
  return `${seconds}.${fraction.padEnd(6, '0')}`
}

test('json that no jsonb could hold comes in as it was stored', async () => {
  const db = await database(tables.dashboard(variants[1]!))
  const hostile = String.raw`{"nul": "\u0000", "half": "\ud800", "a": 1, "a": 2,  "__proto__": {"x": 1e400}}`
  await db.query(`INSERT INTO audit_log (actor, action, subject, detail) VALUES ('a', 'Benutzer gelöscht', $1, $2)`, [
    '\u202e\u001b[31m',
    hostile,
  ])
  const { events } = await read(db, 'dashboard')
  expect(events[0]!.details).toMatchObject({ action: 'Benutzer gelöscht', original: expect.stringContaining(hostile) as string }) // prettier-ignore
  expect(events[0]!.action).toBe('Benutzer_gel_scht')
})

test('times that are none elsewhere are kept as the server says them', async () => {
  const db = await database(tables.dashboard(variants[0]!))
  await db.query(
    `INSERT INTO audit_log (actor, action, created_at) VALUES ('a', 'x', 'infinity'), ('a', 'x', '20000-01-01Z'), ('a', 'x', '0044-03-15 BC')`,
  )
  const { events } = await read(db, 'dashboard')
  expect(events.map(({ details }) => (details!['_unfit'] as { occurredAt: string }).occurredAt)).toEqual([
    'infinity',
    '20000-01-01T00:00:00+00:00',
    '0044-03-15T00:00:00+00:00 BC',
  ])
})

test('names that need quotes, 150 columns, types of any kind, and a column that comes later', async () => {
  const db = await database(`CREATE SCHEMA "My App"; CREATE TABLE "My App"."Audit ""Log""" (id NUMERIC PRIMARY KEY,
    actor TEXT, action TEXT, subject TEXT, created_at TIMESTAMP, "Ort ""A"", \\" TEXT, gone TEXT, raw BYTEA, at INTERVAL, f FLOAT8, g FLOAT8,
    ${Array.from({ length: 150 }, (_, n) => `c${n} INT DEFAULT ${n}`).join(', ')});
    ALTER TABLE "My App"."Audit ""Log""" DROP COLUMN gone;
    INSERT INTO "My App"."Audit ""Log""" (id, actor, action, created_at, "Ort ""A"", \\", raw, at, f, g) VALUES
    (98765432109876543210, 'a', 'b.c', '2026-01-02 03:04:05.000006', 'Kiel', '\\x00ff', '1 day', 'NaN', 0.30000000000000004)`)
  const table = '"My App"."Audit ""Log"""'
  const { events } = await read(db, 'dashboard', { table })
  expect(events).toHaveLength(1)
  expect(events[0]).toMatchObject({
    occurredAt: '2026-01-02T03:04:05.000006Z',
    origin: { sourceId: '98765432109876543210' },
    details: { 'Ort "A", \\': 'Kiel', raw: '\\x00ff', at: 'P1D', f: 'NaN', g: 0.30000000000000004, c149: 149, timeZone: 'not in the source, taken as UTC' }, // prettier-ignore
  })
  await db.query(`ALTER TABLE ${table} ADD COLUMN later TEXT`)
  // What the application's people set for their database changes no row.
  for (const set of [
    "TimeZone = 'Asia/Tokyo'",
    "bytea_output = 'escape'",
    "IntervalStyle = 'sql_standard'",
    'extra_float_digits = 0',
  ])
    await db.query(`ALTER DATABASE ${new URL(db.url).pathname.slice(1)} SET ${set}`)
  expect((await read(db, 'dashboard', { table })).events).toEqual(events)
})

test.each(variants)('3,500 rows of one moment come page by page, each once ($key)', async (variant) => {
  const db = await database(tables.dashboard(variant))
  await db.query(
    `INSERT INTO audit_log (actor, action, subject, created_at) SELECT 'a', 'x.y', 's' || n, '2026-01-01Z' FROM generate_series(1, 3500) n`,
  )
  const { events } = await read(db, 'dashboard')
  expect(events).toHaveLength(3_500)
  expect(new Set(events.map(({ targets }) => targets[0]!.id)).size).toBe(3_500)
  expect(new Set(events.map((event) => event.id)).size).toBe(3_500)
})

test('rows of a megabyte come a few at a time, each once', async () => {
  const db = await database(tables.dashboard(variants[0]!))
  await db.query(
    `INSERT INTO audit_log (actor, action, subject) SELECT 'a', 'x.y', n || repeat('x', CASE n WHEN 7 THEN 17000000 ELSE 1000000 END) FROM generate_series(1, 24) n`,
  )
  const table = await openPostgresTable(db.url, 'audit_log')
  const lengths: number[] = []
  for await (const line of table.rows()) lengths.push(line.length)
  await table.close()
  expect(lengths).toHaveLength(24)
  expect(Math.max(...lengths)).toBeGreaterThan(17_000_000)
})

test('a row that commits late is taken by the next run', async () => {
  const db = await database(tables.dashboard(variants[0]!))
  const late = new pg.Client({ connectionString: db.url })
  await late.connect()
  await late.query(`BEGIN; INSERT INTO audit_log (actor, action) VALUES ('late', 'x.y')`)
  await db.query(`INSERT INTO audit_log (actor, action) VALUES ('ada', 'x.y')`)
  const command = ['import', 'table', db.url, '--like', 'dashboard', '--data', 'late', '--json']
  expect(JSON.parse((await place.here(command)).stdout)).toMatchObject({ read: 1, imported: 1 })
  await late.query('COMMIT')
  await late.end()
  expect(JSON.parse((await place.here(command)).stdout)).toMatchObject({ read: 2, imported: 1, duplicates: 1 })
})

test('the same key in two tables is two events, and --instance tells two databases of one name apart', async () => {
  const db = await database(
    `${tables.dashboard(variants[0]!)}; CREATE TABLE other (LIKE audit_log INCLUDING ALL);
     INSERT INTO audit_log (actor, action, created_at) VALUES ('a', 'x', 'epoch'); INSERT INTO other SELECT * FROM audit_log`,
  )
  const ids = async (options: Parameters<typeof read>[2]): Promise<(string | undefined)[]> =>
    (await read(db, 'dashboard', options)).events.map((event) => event.id)
  const all = [await ids({}), await ids({ table: 'other' }), await ids({ instance: 'site-2' })].flat()
  expect(new Set(all).size).toBe(3)
  expect(await ids({ table: 'public."audit_log"' })).toEqual(await ids({}))
})

describe('ended in the middle', () => {
  // Rows from 2,001 on take their time, in a page of their own: when it is waited for, those before are handed over.
  const slow = `${tables.dashboard(variants[0]!)};
    INSERT INTO audit_log (actor, action, subject) SELECT 'a', 'x.y', 's' || n FROM generate_series(1, 2500) n;
    CREATE FUNCTION nap() RETURNS text LANGUAGE plpgsql STABLE AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END';
    CREATE VIEW slow AS SELECT *, CASE WHEN id > 2000 THEN nap() END AS wait FROM audit_log`
  const quick = `CREATE OR REPLACE FUNCTION nap() RETURNS text LANGUAGE sql STABLE AS 'SELECT NULL::text'`

  async function waits({ query }: TestDatabase): Promise<void> {
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'auditproof import' AND query LIKE '%t."id" > $2%' AND wait_event = 'PgSleep' AND now() - query_start > interval '1 s'`
    while ((await query(waiting)).length === 0) await sleep(50)
  }

  test.each(['SIGKILL', 'SIGINT'] as const)('by %s, the next run completes it', async (signal) => {
    const db = await database(slow)
    const command = ['import', 'table', db.url, '--like', 'dashboard', '--table', 'slow', '--data', signal, '--json']
    const child = spawn(process.execPath, ['--conditions=auditproof-source', main, ...command], {
      cwd: place.folder,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const closed = once(child, 'close')
    await waits(db)
    const at = Date.now()
    child.kill(signal)
    const [code] = (await closed) as [number | null]
    expect(code).toBe(signal === 'SIGINT' ? 130 : null)
    expect(Date.now() - at).toBeLessThan(20_000) // it waits for no page: that would take 100 seconds
    await db.query(quick)
    const counts = JSON.parse((await place.here(command)).stdout) as { imported: number; duplicates: number }
    expect(counts).toMatchObject({ read: 2_500, malformed: 0 })
    expect(counts.duplicates).toBeGreaterThan(1_000)
    expect(counts.imported).toBeGreaterThanOrEqual(500)
    expect(JSON.parse((await place.here(command)).stdout)).toMatchObject({ imported: 0, duplicates: 2_500 })
    expect((await place.here(['verify', '--data', signal])).stdout).not.toContain('tampered')
  })

  test('by the server, it says so and ends with 5; what was read is imported', async () => {
    const db = await database(slow)
    const command = ['import', 'table', db.url, '--like', 'dashboard', '--table', 'slow', '--data', 'cut']
    const running = place.here(command)
    await waits(db)
    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'auditproof import'`,
    )
    const { code, stderr } = await running
    expect([code, stderr]).toEqual([5, expect.stringContaining('importing again goes on')])
    await db.query(quick)
    const counts = JSON.parse((await place.here([...command, '--json'])).stdout) as object
    expect(counts).toMatchObject({ imported: 500, duplicates: 2_000 })
  })
})

describe('what cannot be imported is told, without the password', () => {
  const rights = `${tables.dashboard(variants[0]!)}; ${tables.lawfirm(variants[0]!)};
    INSERT INTO kanzlai.audit_log (tenant_id, action, entity_type) VALUES ('${id(1)}', 'a', 'b'), ('${id(2)}', 'a', 'b');
    ALTER TABLE kanzlai.audit_log ENABLE ROW LEVEL SECURITY;
    CREATE POLICY mine ON kanzlai.audit_log USING (tenant_id = '${id(1)}')`

  async function told(url: string, ...args: string[]): Promise<[number | null, string]> {
    const { code, stdout, stderr } = await place.here(['import', 'table', url, ...args, '--data', 'never'])
    expect(stdout).toBe('')
    expect(stderr).not.toContain('s3cret')
    return [code, stderr]
  }

  test('row-level security that would leave rows out', async () => {
    const db = await database(rights)
    const login = `reader_${Math.random().toString(36).slice(2)}`
    await db.query(`CREATE ROLE ${login} LOGIN PASSWORD 's3cret'; GRANT USAGE ON SCHEMA kanzlai TO ${login};
      GRANT SELECT ON kanzlai.audit_log TO ${login}`)
    const url = db.urlOf(login, 's3cret')
    const [code, stderr] = await told(url, '--like', 'lawfirm')
    expect([code, stderr]).toEqual([4, expect.stringContaining('log in as a role with BYPASSRLS')])
    expect(await told(url, '--like', 'dashboard')).toEqual([4, expect.stringContaining('needs USAGE of its schema and SELECT')]) // prettier-ignore
    expect(await told(db.urlOf(login, 's3cret-not'), '--like', 'lawfirm')).toEqual([5, expect.stringContaining('refuses the login')]) // prettier-ignore
    await db.query(`DROP OWNED BY ${login}; DROP ROLE ${login}`)
  })

  test('the wrong table, the wrong kind, the wrong database', async () => {
    const db = await database(rights)
    expect(await told(db.url, '--like', 'lawfirm', '--table', 'audit_log')).toEqual([2, expect.stringMatching(/lacks tenant_id.*\n.*fit --like dashboard/)]) // prettier-ignore
    expect(await told(db.url, '--like', 'dashboard', '--table', 'nowhere')).toEqual([2, expect.stringContaining('there is kanzlai.audit_log, public.audit_log')]) // prettier-ignore
    expect(await told(db.url, '--like', 'dashboard', '--table', 'a.b.c.d')).toEqual([2, expect.stringContaining('no name of a table')]) // prettier-ignore
    const elsewhere = new URL(db.url)
    elsewhere.pathname = '/no_such_database'
    expect(await told(elsewhere.href, '--like', 'dashboard')).toEqual([2, expect.stringContaining('does not exist')])
  })

  test('a key that is not unique, instead of leaving rows out', async () => {
    const db =
      await database(`CREATE TABLE audit_log (id INT, actor TEXT, action TEXT, subject TEXT, created_at TIMESTAMPTZ);
      INSERT INTO audit_log (id) VALUES (1), (2), (2)`)
    expect(await told(db.url, '--like', 'dashboard')).toEqual([4, expect.stringContaining('2 rows have the id 2')])
  })

  test.each([
    ['postgres://u:s3cret@127.0.0.1:1/x', 5, 'cannot be reached'],
    ['postgres://u:s3cret@nowhere.invalid/x', 5, 'cannot be reached'],
    ['postgres://u:s3cret@host:x/db', 2, 'cannot be read'],
    ['postgres://u@127.0.0.1:1/x?password=s3cret', 5, 'cannot be reached'],
  ])('%s', async (url, code, says) => {
    expect(await told(url, '--like', 'dashboard')).toEqual([code, expect.stringContaining(says)])
  })

  test('an address where a file belongs', async () => {
    for (const args of [
      ['okta', 'postgres://u:s3cret@h/x'],
      ['postgres://u:s3cret@h/x', 'table'],
    ]) {
      const { code, stderr } = await place.here(['import', ...args])
      expect([code, stderr]).toEqual([2, expect.stringContaining('import table')])
      expect(stderr).not.toContain('s3cret')
    }
  })

  test('no trail is made where nothing can be read', async () => {
    expect((await place.here(['log', '--data', 'never'])).code).not.toBe(0)
  })

  test('the driver, where it is not installed', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
    const opened = openPostgresTable('postgres://h/x', 'audit_log', () => Promise.reject(missing))
    await expect(opened).rejects.toMatchObject({ code: 'usage', hint: 'npm install pg' })
  })

  test('the run is recorded without the password', async () => {
    const db = await database(
      `${tables.dashboard(variants[0]!)}; INSERT INTO audit_log (actor, action) VALUES ('a', 'b')`,
    )
    await place.here(['import', 'table', db.url, '--like', 'dashboard', '--data', 'run'])
    const { stdout } = await place.here(['log', '--tenant', '_system', '-o', 'jsonl', '--data', 'run', '--action', 'import.run']) // prettier-ignore
    const { pathname } = new URL(db.url)
    expect(JSON.parse(stdout)).toMatchObject({
      details: { kind: 'table dashboard', sources: [expect.stringContaining('postgres://postgres@'), `${pathname.slice(1)}/public.audit_log`] }, // prettier-ignore
    })
    expect(stdout).not.toContain(':postgres@')
  })
})
