/** For what cannot be undone: the person types the name of what it is done to. */
import { createInterface } from 'node:readline/promises'
import { AuditError } from '../errors.ts'

/**
 * @param given the value of --confirm; without it a person is asked, where there is one
 * @throws AuditError `usage` where another name, or none, is given
 */
export async function confirmByName(name: string, given: string | undefined, command: string): Promise<void> {
  const hint = `to go on: ${command} --confirm=${name}`
  if (given === undefined && !process.stdin.isTTY)
    throw new AuditError('usage', 'This cannot be undone, and was not confirmed.', { hint })
  if ((given ?? (await ask(name))) !== name)
    throw new AuditError('usage', `That is not the name of the store, ${name}: nothing was changed.`, { hint })
}

async function ask(name: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await lines.question(`Type the name of the store, ${name}, to go on: `)).trim()
  } finally {
    lines.close()
  }
}
