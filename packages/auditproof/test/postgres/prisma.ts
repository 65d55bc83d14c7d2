/**
 * A Prisma client made from its real runtime, without a schema: what `prisma generate` would write, but that command
 * fetches engines from elsewhere. It knows no model; raw queries and interactive transactions are the real ones.
 */
import { PrismaPg } from '@prisma/adapter-pg'
import * as runtime from '@prisma/client/runtime/client'

export interface PrismaTransaction {
  $executeRawUnsafe(sql: string, ...values: unknown[]): Promise<number>
  $queryRawUnsafe(sql: string, ...values: unknown[]): Promise<unknown>
}

export interface PrismaClient extends PrismaTransaction {
  $connect(): Promise<void>
  $disconnect(): Promise<void>
  $transaction<R>(fn: (tx: PrismaTransaction) => Promise<R>, options?: { timeout?: number }): Promise<R>
}

/** Node has it, the types of Node do not. */
const { Module } = (globalThis as unknown as { WebAssembly: { Module: new (code: Uint8Array) => object } }).WebAssembly

const compiler = '@prisma/client/runtime/query_compiler_fast_bg.postgresql'

export function newPrismaClient(url: string): PrismaClient {
  const Client = runtime.getPrismaClient({
    previewFeatures: [],
    clientVersion: '7.10.0',
    engineVersion: 'none',
    activeProvider: 'postgresql',
    inlineSchema:
      'generator client {\n  provider = "prisma-client"\n}\n\ndatasource db {\n  provider = "postgresql"\n}\n',
    runtimeDataModel: { models: {}, enums: {}, types: {} },
    parameterizationSchema: { strings: [], graph: 'AAAA' },
    compilerWasm: {
      getRuntime: () => import(`${compiler}.mjs`),
      getQueryCompilerWasmModule: async () => {
        const { wasm } = (await import(`${compiler}.wasm-base64.mjs`)) as { wasm: string }
        return new Module(Buffer.from(wasm, 'base64'))
      },
      importName: './query_compiler_fast_bg.js',
    },
  } as unknown as Parameters<typeof runtime.getPrismaClient>[0])
  return new Client({ adapter: new PrismaPg({ connectionString: url }) }) as unknown as PrismaClient
}
