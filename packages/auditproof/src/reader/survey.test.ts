import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { surveySuite } from '../../test/reading/survey-suite.ts'
import { createAudit } from '../audit.ts'
import { memoryStore } from '../store/memory/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'auditproof-survey-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

surveySuite('memory', () => createAudit({ store: memoryStore({ name: 'survey.example' }) }))
surveySuite('SQLite', () => createAudit({ data: folder, origin: 'survey.example' }))
