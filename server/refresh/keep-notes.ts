import type { FlightNotes, SessionRecord } from '../store/store.js';
import { askWhileAway } from './ask-while-away.js';
import { later, type Outcome, type RefreshContext } from './refresh-context.js';

/**
 * Notes how an attempt failed. If the store is away, the note is written when it is back, and no
 * request waits for that. It must be written, because other processes do not refresh a session
 * whose last attempt seems to be running. Later changes of the record count more than this note.
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

/** Returns the notes with the failure of the latest attempt. */
const withFailure = (notes: FlightNotes, { reason, retryAfter }: Failure): FlightNotes => ({
  ...notes,
  failure: { attempt: notes.attempt, reason, retryAfter },
});

/** Notes that the latest attempt in the record is over, and that no replay follows. */
export function noteGivenUp(
  context: RefreshContext,
  { key, generation, notes }: SessionRecord,
  failure: Failure,
): Promise<void> {
  return keepNotes(context, key, generation, withFailure(notes, failure));
}

/**
 * Notes that an attempt of this process is over because the store failed. The store may have
 * written the intent. Then other processes would not refresh the session for minutes. Waits for the
 * store if it is away.
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
