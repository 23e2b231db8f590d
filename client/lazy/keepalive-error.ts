import type { ErrorCode } from '../../sw/protocol.js';
import type { KeepaliveError } from '../types.js';

const PHASES: Record<string, KeepaliveError['phase']> = {
  endpoint: 'request',
  status: 'request',
  user: 'request',
  cookie: 'option',
  worker: 'register',
  protocol: 'message',
  session: 'option',
  callback: 'callback',
};

/** A failure to tell the application of: guard by `code`, not by `instanceof`, so that it survives the wire. */
export const keepaliveError = (code: ErrorCode, cause: unknown): KeepaliveError =>
  Object.assign(new Error(`stillhere: ${code}`, { cause }), {
    code,
    phase: PHASES[code.split('-')[0] as string] ?? 'storage',
    retryable: code === 'worker-silent' || code === 'storage',
  });
