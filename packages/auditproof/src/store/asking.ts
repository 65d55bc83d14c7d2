/**
 * A computation that asks a store for rows as it goes, written once for drivers that answer at once and for those that
 * one waits for.
 */
import { assert } from '../errors.ts'

export type Answer<T> = T | Promise<T>

/** Pauses at each answer that is not there yet. */
export type Asking<T> = Generator<Promise<unknown>, T, unknown>

export function* answerOf<T>(answer: Answer<T>): Asking<T> {
  return answer instanceof Promise ? ((yield answer) as T) : answer
}

/** For rows that are given at once. */
export function askNow<T>(asking: Asking<T>): T {
  const { done, value } = asking.next()
  assert(done === true, 'a driver that answers at once gave a promise')
  return value
}

/** Waits for each answer; one that fails is thrown where it was asked for. */
export async function ask<T>(asking: Asking<T>): Promise<T> {
  let step = asking.next()
  while (step.done !== true) step = await step.value.then(
    (value) => asking.next(value),
    (error: unknown) => asking.throw(error),
  ) // prettier-ignore
  return step.value
}
