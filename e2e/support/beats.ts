import { KEPT_CLIENT, type ProviderControls } from '../demo/provider-controls.js';
import type { DemoSettings } from '../demo/settings.js';
import type { ServedAsk, ServerLog } from './server-log.js';

/** Short enough to watch sessions end, long enough for a busy machine of two cores. */
export const PACE = {
  beatIntervalSeconds: 2,
  activeWindowSeconds: 3,
  idleTimeoutSeconds: 10,
  refreshTokenIdleSeconds: 10,
  accessTokenTtlSeconds: 6,
  warnBeforeSeconds: 0,
} satisfies Partial<DemoSettings>;

/**
 * A session that does not end while tabs are opened, however long a busy machine takes for them.
 */
export const LASTING = { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60 } satisfies Partial<DemoSettings>;

/** A millisecond on one clock may be the next one on another: browsers round theirs. */
export const ROUNDING_MS = 20;
/** The client's spread: at most a tenth earlier. */
const SPREAD = 0.9;

const nextBeatIn = ({ answer }: ServedAsk): number =>
  typeof answer?.body.nextBeatIn === 'number' ? answer.body.nextBeatIn : Number.POSITIVE_INFINITY;

/**
 * The beats that followed the one before sooner than the interval, and sooner than the server's own
 * `nextBeatIn` asked. By the instants at which they were sent: no busy machine changes those. A
 * page that starts may say hello twice where its worker takes seconds to start.
 */
export const earlyBeats = (
  sent: readonly { at: number; why: string }[],
  { beats }: ServerLog,
  settings: DemoSettings,
) =>
  sent.flatMap(({ at, why }, index) => {
    const before = sent[index - 1];
    const ask = beats[index - 1];
    if (!before || !ask || why === 'hello') return [];
    const least = Math.min(settings.beatIntervalSeconds, nextBeatIn(ask)) * 1_000 * SPREAD - ROUNDING_MS;
    return at - before.at < least ? [{ beat: index, why, after: at - before.at, least }] : [];
  });

/** When the provider made refresh grants for the kept session. */
export const grantsOf = (provider: ProviderControls): readonly number[] => provider.grants(KEPT_CLIENT);

/** The pauses between instants, in milliseconds. */
export const gaps = (instants: readonly number[]): number[] =>
  instants.slice(1).map((at, index) => at - (instants[index] ?? at));

/** For how long no beat has arrived, in milliseconds; 0 before the first. */
export const quietFor = ({ beats }: ServerLog): number => Date.now() - (beats.at(-1)?.arrivedAt ?? Date.now());
