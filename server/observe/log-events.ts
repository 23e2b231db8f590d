/**
 * The names of the server's log events. Each line of the log has one as its member `event`.
 * Messages may be reworded, so operators search, count and alert by these names. A name never
 * changes and is never used for another event. docs/operations.md has a table of them.
 */
export const LOG_EVENTS = [
  'server.start',
  'server.drain',
  'server.stop',
  'server.cut',
  'login.begin',
  'login.fail',
  'session.begin',
  'session.refresh',
  'session.end',
  'session.unreadable',
  'refresh.fail',
  'refresh.ambiguous',
  'refresh.odd',
  'refresh.unsaved',
  'refresh.saved',
  'logout.fail',
  'revoke.fail',
  'backchannel.end',
  'backchannel.refuse',
  'backchannel.fail',
  'provider.refuse',
  'provider.away',
  'provider.setting',
  'store.away',
  'store.back',
  'store.fail',
  'store.setting',
  'store.disconnect',
  'store.connect',
  'lease.fail',
  'lease.takeover',
  'clock.skew',
  'origin.refuse',
  'address.unreadable',
  'request.fail',
  'limiter.fail',
  'meter.fail',
  'callback.fail',
] as const;

export type LogEvent = (typeof LOG_EVENTS)[number];

/**
 * The facts of one line: its event and details. They hold no token, no cookie and no key. Text from
 * outside is cut by `cutForLog`.
 */
export interface LogFacts {
  event: LogEvent;
  [fact: string]: unknown;
}

/** The longest text from outside that a line may hold, in bytes of UTF-8. */
export const MOST_LOGGED_BYTES = 256;

/** Cuts text of a browser, a proxy or a provider to the length that a line of the log may hold. */
export function cutForLog(text: string, mostBytes = MOST_LOGGED_BYTES): string {
  const bytes = new TextEncoder().encode(text.slice(0, mostBytes));
  if (bytes.length <= mostBytes && text.length <= mostBytes) return text;
  // A character that the cut would split is left out.
  return `${new TextDecoder().decode(bytes.subarray(0, mostBytes)).replace(/\uFFFD+$/, '')}…`;
}
