/** Every limit on an event, with its unit. The documentation's table of limits is made from these. */
export const limits = {
  /** JSON text of one event as it is handed to the store, bytes of UTF-8. What is above is cut, with size and hash kept. */
  eventBytesMax: 262_144,
  /** Of which this much is for what every event has, and for the markers where something was cut. */
  eventReserveBytes: 8_192,
  /** The thing before, or after, from which changes are made, bytes of its JSON. Beyond, only that it changed is told. */
  stateBytesMax: 1_048_576,
  /** Values visited in the thing before, or after. */
  stateValuesMax: 20_000,
  /** JSON text of one event as a store takes it back, UTF-16 units; and its nesting. Above is no event of any door. */
  submissionUnitsMax: 524_288,
  /** Nesting of that JSON text. */
  submissionDepthMax: 40,
  /** One string inside details, changes or reason, UTF-16 units. */
  textUnitsMax: 65_536,
  /** One identifying string: ids, names, types, addresses, UTF-16 units. */
  labelUnitsMax: 1024,
  /** Beginning of a cut string that is kept, UTF-16 units. */
  cutHeadUnits: 512,
  /** What is cut from one event is hashed up to here, bytes of UTF-8, so that hashing cannot hold up the caller. */
  cutHashBytesMax: 8_388_608,
  /** Values of an overlong list that are visited for its hash. */
  cutValuesMax: 5_000,
  /** Nesting of details and changes. */
  depthMax: 32,
  /** Values visited while taking a snapshot of one event. */
  valuesMax: 50_000,
  /** Targets of one event, and things it belongs to (scope). */
  targetsMax: 100,
  /** Changes of one event. */
  changesMax: 500,
  /** Roles of one actor; also addresses in `forwarded`. */
  rolesMax: 100,
  /** An action, characters. */
  actionCharsMax: 100,
  /** An event id, characters. */
  idCharsMax: 64,
  /** A producer id, characters. */
  producerCharsMax: 64,
  /** The name of a tenant, UTF-16 units. */
  tenantUnitsMax: 200,
  /** Digits of a second that are kept. */
  fractionDigitsMax: 9,
  /** One value that an event is found by, UTF-16 units; of a longer one the beginning and a hash. */
  searchKeyUnitsMax: 200,
  /** One word of free text, UTF-16 units; of a longer one the beginning. */
  searchWordUnitsMax: 64,
  /** Distinct words of one group that an event is found by. */
  searchWordsMax: 256,
  /** An entry in a log, bytes: the uint16 length of a C2SP entry bundle. */
  entryBytesMax: 65_535,
} as const
