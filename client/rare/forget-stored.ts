import { clear, createStore } from 'idb-keyval';
import { sharedName } from '../../sw/names.js';

/** Deletes what is stored on this device. The database itself may be open elsewhere and is left, empty. */
export async function forgetStored(name: string): Promise<void> {
  const database = sharedName(name);
  await clear(createStore(database, 'keepalive'));
}
