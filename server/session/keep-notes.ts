import { askWhileAway } from './ask-while-away.js';
import { RETRY_SECONDS, type RefreshContext } from './refresh-context.js';
import type { FlightNotes } from './store.js';

/**
 * Notes how an attempt failed. If the store is away, no request waits for that, but it is written when the store is back: other processes leave a
 * session alone whose last attempt seems to be under way. What came after the attempt meanwhile counts more.
 */
export async function keepNotes(
  context: RefreshContext,
  key: string,
  generation: number,
  notes: FlightNotes,
): Promise<void> {
  const { store } = context;
  try {
    await store.note(key, generation, notes);
  } catch {
    const late = async () => {
      const record = await store.read(key);
      if (record?.notes.attempt === notes.attempt) await store.note(key, generation, notes);
    };
    context.beside(askWhileAway(context, late).catch(() => undefined));
  }
}

/**
 * Notes that an attempt of this process is over which the store has broken off. What the store did of
 * it is not known: if it has the intent, other processes would leave the session alone for minutes.
 * Waits for the store if that is away.
 */
export async function noteBrokenOff(context: RefreshContext, key: string): Promise<void> {
  const { store, holder } = context;
  const note = async () => {
    const record = await store.read(key);
    if (!record) return;
    const { generation, notes } = record;
    const { marker, failure } = notes;
    if (marker?.holder !== holder || (failure?.attempt ?? 0) >= marker.attempt) return;
    const reason = 'store_unavailable';
    const brokenOff = { attempt: marker.attempt, reason, retryAfter: RETRY_SECONDS[reason] } as const;
    await store.note(key, generation, { ...notes, failure: brokenOff });
  };
  await askWhileAway(context, note).catch(() => undefined);
}
