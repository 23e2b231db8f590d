import type * as ioredis from 'ioredis';
import { loadPeer } from '../load-peer.js';

export const { Redis } = await loadPeer<typeof ioredis>('ioredis');
export type Redis = ioredis.Redis;
