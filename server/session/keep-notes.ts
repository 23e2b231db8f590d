import { askWhileAway } from './ask-while-away.js';
import type { RefreshContext } from './refresh-context.js';
import type { FlightNotes } from './store.js';

/**
 * Notes how an attempt failed. If the store is away, nobody waits for that, but it is written when the store is back: other processes leave a
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
