import { createStore, promisifyRequest } from 'idb-keyval';
import { sharedName } from '../../sw/names.js';

/**
 * Deletes what the engine and the pages have stored on this device. The database may be open
 * elsewhere: it is left, empty.
 */
export async function forgetStored(name: string): Promise<void> {
  try {
    localStorage.removeItem(sharedName(name));
  } catch {
    // A browser that denies this storage has kept nothing in it.
  }
  const stored = createStore(sharedName(name), 'keepalive');
  await stored('readwrite', async (objects) => {
    const { transaction } = objects;
    objects.clear();
    await promisifyRequest(transaction);
    // Nobody uses this connection again, and whoever deletes the database would have to wait for it.
    transaction.db.close();
  });
}
