/** Entry point of the thread that owns the writing connection. */
import { workerData } from 'node:worker_threads'
import { serveThread } from '../../thread/serve.ts'
import { SqliteWriter, type WriterOptions } from './writer.ts'

const writer = new SqliteWriter(workerData as WriterOptions)
serveThread({
  open: () => writer.open(),
  append: (batch: string) => writer.append(batch),
  drainPending: (limit: number) => writer.drainPending(limit),
  eraseContent: (erasure: Parameters<SqliteWriter['eraseContent']>[0]) => writer.eraseContent(erasure),
  publish: (publications: Parameters<SqliteWriter['publish']>[0]) => writer.publish(publications),
  keepCheckpoint: (log: number) => writer.keepCheckpoint(log),
  appendMeta: (limit: number) => writer.appendMeta(limit),
  buildIndex: () => writer.buildIndex(),
  close: () => writer.close(),
})
