import { expect, it } from 'vitest';
import type { ErrorCode } from '../../sw/protocol.js';
import { keepaliveError } from './keepalive-error.js';

it.each<[ErrorCode, string]>([
  ['endpoint-404', 'request'],
  ['status-empty', 'request'],
  ['user-unknown', 'request'],
  ['cookie-missing', 'option'],
  ['session-option', 'option'],
  ['worker-blocked', 'register'],
  ['protocol', 'message'],
  ['callback', 'callback'],
  ['storage', 'storage'],
])('says for %s where it went wrong: %s', (code, phase) => {
  expect(keepaliveError(code, null)).toMatchObject({ code, phase });
});
