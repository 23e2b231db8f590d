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

/**
 * Makes the error that the application is told. Check its `code` instead of `instanceof`: the class
 * is lost when an error is sent as a message.
 */
export const keepaliveError = (code: ErrorCode, cause: unknown): KeepaliveError =>
  Object.assign(new Error(`stillhere: ${code}`, { cause }), {
    code,
    phase: PHASES[code.split('-')[0] as string] ?? 'storage',
    retryable: code === 'worker-silent' || code === 'storage',
  });
