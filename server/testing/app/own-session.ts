import { handleHeartbeat } from '../../heartbeat/handle-heartbeat.js';
import type { OwnSessions } from '../../heartbeat/own-sessions.js';
import { recordLog } from '../log-recorder.js';
import { appOrigin, post } from './beat-request.js';

let keys = 0;

/** A session of an application's own, and its beat. */
export function own(refresh: OwnSessions['refresh'], more: Partial<OwnSessions> = {}) {
  const logger = recordLog();
  const key = `own-${++keys}`;
  const options = { appOrigin, logger, refresh, identify: () => ({ key, sessionId: 'p', user: 'u' }), ...more };
  return { logger, beat: (request = post()) => handleHeartbeat(request, options) };
}
