import type Libsql from 'libsql';
import { loadPeer } from '../load-peer.js';

type Constructor = new (...args: ConstructorParameters<typeof Libsql>) => Libsql.Database;

const libsql = await loadPeer<{ default: Constructor }>('libsql');
export const Database: Constructor = libsql.default;
