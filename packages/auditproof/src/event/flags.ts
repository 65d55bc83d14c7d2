/**
 * What was done to an event on its way in. Flags stand in `origin.flags` and are counted by `health()`:
 * nothing is refused for its shape, and nothing is mended in silence.
 */
export const flags = [
  'no-actor', // none given: recorded as anonymous
  'no-tenant', // none given where there is no default: recorded under _unassigned
  'tenant-reserved', // a name beginning with "_" from outside: recorded under _unassigned
  'replaced', // a member did not fit and was replaced; its text is in details._unfit
  'cut', // something was too large; size and hash stand in its place
  'unreadable', // a getter, a cycle or a foreign object could not be read
  'normalized', // characters that cannot be stored were replaced
] as const

export type Flag = (typeof flags)[number]
