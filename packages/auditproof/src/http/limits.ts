/** Limits of the server, with their units. */
export const httpLimits = {
  /** A request's body, bytes. Compressed bodies are not taken. */
  bodyBytesMax: 8_388_608,
  /** Nesting of a body: an event has at most 32 levels, and stands in an array. Deeper JSON is expensive to parse. */
  bodyDepthMax: 64,
  /** Events of one request. */
  eventsPerRequestMax: 1_000,
  /** How long a session lasts, milliseconds. */
  sessionMs: 43_200_000,
  /** How long a link that logs in once is good after the start of the server, milliseconds. */
  oneTimeKeyMs: 600_000,
  /** How long requests under way may take when the server stops, milliseconds. */
  closeTimeoutMs: 5_000,
  /** A connection that is silent for so long is asked whether it still lives, milliseconds: less than a ping. */
  keepAliveMs: 15_000,
  /** Events that are read at once for a CSV download. */
  csvPageEvents: 200,
  /** Live streams of one server. */
  liveStreamsMax: 10_000,
  /** Live streams of one key: fewer than there may be, so that programs do not shut out people. */
  liveStreamsPerKeyMax: 9_000,
  /** Live streams of one session: a browser has few tabs. */
  liveStreamsPerSessionMax: 50,
  /** A live stream with nothing to tell says where it stands this often, milliseconds. */
  livePingMs: 30_000,
  /** Text that is gathered for one write, UTF-16 units; a single larger event goes alone. */
  liveChunkUnits: 65_536,
  /** Whoever has not taken what was written for so long costs no more than his cursor from then on, milliseconds. */
  liveReleaseMs: 1_000,
  /** Events that a live stream may begin with. */
  liveLastMax: 100,
  /** Pages that are searched for them: what is rarer than that comes short. */
  liveLastPagesMax: 100,
  /** Clients reconnect after this, milliseconds, and up to as much again, so that not all come at once. */
  liveRetryMs: 2_000,
} as const
