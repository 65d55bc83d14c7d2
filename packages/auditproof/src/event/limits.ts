/** Every limit on an event, with its unit. The documentation's table of limits is made from these. */
export const limits = {
  /** JSON text of one event as it is handed to the store, bytes of UTF-8. What is above is cut, with size and hash kept. */
  eventBytesMax: 256 * 1024,
  /** Of which this much is for what every event has, and for the markers where something was cut. */
  eventReserveBytes: 8 * 1024,
  /** The thing before, or after, from which changes are made, bytes of its JSON. Beyond, only that it changed is told. */
  stateBytesMax: 1024 * 1024,
  stateValuesMax: 20_000,
  /** JSON text of one event as a store takes it back, UTF-16 units; and its nesting. Above is no event of any door. */
  submissionUnitsMax: 512 * 1024,
  submissionDepthMax: 40,
  /** One string inside details, changes or reason, UTF-16 units. */
  textUnitsMax: 64 * 1024,
  /** One identifying string: ids, names, types, addresses, UTF-16 units. */
  labelUnitsMax: 1024,
  /** Beginning of a cut string that is kept, UTF-16 units. */
  cutHeadUnits: 512,
  /** What is cut from one event is hashed up to here, bytes of UTF-8, so that hashing cannot hold up the caller. */
  cutHashBytesMax: 8 * 1024 * 1024,
  /** Values of an overlong list that are visited for its hash. */
  cutValuesMax: 5_000,
  /** Nesting of details and changes. */
  depthMax: 32,
  /** Values visited while taking a snapshot of one event. */
  valuesMax: 50_000,
  targetsMax: 100,
  changesMax: 500,
  rolesMax: 100,
  /** A clear member, characters. */
  actionCharsMax: 100,
  idCharsMax: 64,
  producerCharsMax: 64,
  tenantUnitsMax: 200,
  /** Digits of a second that are kept. */
  fractionDigitsMax: 9,
  /** An entry in a log, bytes: the uint16 length of a C2SP entry bundle. */
  entryBytesMax: 65_535,
} as const
