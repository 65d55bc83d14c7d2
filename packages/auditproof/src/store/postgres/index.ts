/**
 * The PostgreSQL driver: one schema in the application's own database, many processes. Needs the schema that `auditproof
 * migrate` makes, and a login with the roles that `auditproof doctor` names.
 */
export { postgresStore, storeToRead } from './open-store.ts'
export { migrate, migrations, type Migration, type MigrationReport } from './migrate.ts'
export { postgres } from './source.ts'
export type { StoreSource } from '../source.ts'
export type { PostgresOptions } from './open.ts'
export type { PostgresClient, PostgresPool } from './client.ts'
