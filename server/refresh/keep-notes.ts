import type { FlightNotes, SessionRecord } from '../store/store.js';
import { askWhileAway } from './ask-while-away.js';
import { later, type Outcome, type RefreshContext } from './refresh-context.js';

/**
 * Notes how an attempt failed. If the store is away, no request waits for that, but it is written
 * when the store is back: other processes leave a session alone whose last attempt seems to be
 * under way. What came after the attempt meanwhile counts more.
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

type Failure = Extract<Outcome, { kind: 'later' }>;

/** The notes with the failure of the attempt that was the last. */
const withFailure = (notes: FlightNotes, { reason, retryAfter }: Failure): FlightNotes => ({
  ...notes,
  failure: { attempt: notes.attempt, reason, retryAfter },
});

/** Notes that the last attempt is over, as the record has it: no replay follows. */
export function noteGivenUp(
  context: RefreshContext,
  { key, generation, notes }: SessionRecord,
  failure: Failure,
): Promise<void> {
  return keepNotes(context, key, generation, withFailure(notes, failure));
}

/**
 * Notes that an attempt of this process is over which the store has broken off. What the store did
 * of it is not known: if it has the intent, other processes would leave the session alone for
 * minutes. Waits for the store if that is away.
 */
export async function noteBrokenOff(context: RefreshContext, key: string): Promise<void> {
  const { store, holder } = context;
  const note = async () => {
    const record = await store.read(key);
    if (!record) return;
    const { generation, notes } = record;
    const { marker, failure } = notes;
    if (marker?.holder !== holder || (failure?.attempt ?? 0) >= marker.attempt) return;
    await store.note(key, generation, withFailure(notes, later('store_unavailable')));
  };
  await askWhileAway(context, note).catch(() => undefined);
}
