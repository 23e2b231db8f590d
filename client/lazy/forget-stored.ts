import { createStore, promisifyRequest } from 'idb-keyval';
import { sharedName } from '../../sw/names.js';

/**
 * Deletes the data that the engine and the pages have stored on this device. The database itself
 * stays, empty, because it may be open in another page.
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
    // This connection is not used again. A script that deletes the database would have to wait for
    // it.
    transaction.db.close();
  });
}
