import type { ErrorCode } from '../../sw/protocol.js';
import type { ResolvedOptions } from '../options.js';
import type { Call, Trouble } from '../tab-types.js';
import { workerPlace } from '../transport/worker-place.js';
import { diagnoseNetwork, diagnoseWorker } from './diagnose.js';
import { explain } from './explain.js';
import { keepaliveError } from './keepalive-error.js';

const isLoopback = () => /^(localhost|.+\.localhost|127\..+|\[::1\])$/.test(location.hostname);

/**
 * Updates the worker. After a deployment that brings the new worker, and returns `null`. If there
 * is no newer worker, the server serves the worker of another build, and this returns `code`.
 */
async function diagnoseVersion(code: ErrorCode, registration: ServiceWorkerRegistration): Promise<ErrorCode | null> {
  const { active } = registration;
  await registration.update();
  const { installing, waiting } = registration;
  return !installing && !waiting && registration.active === active ? code : null;
}

async function codeOf(trouble: Trouble, cause: unknown, options: ResolvedOptions): Promise<ErrorCode | null> {
  if (trouble === 'build') return diagnoseVersion('worker-build', cause as ServiceWorkerRegistration);
  // Without a newer worker this page runs the engine itself. The developer should know that.
  if (trouble === 'protocol') return diagnoseVersion(trouble, cause as ServiceWorkerRegistration).catch(() => trouble);
  if (trouble !== 'registration' && trouble !== 'network') return trouble;
  const { script, scope } = workerPlace(options);
  return trouble === 'network' ? diagnoseNetwork(script) : diagnoseWorker(script, scope);
}

/**
 * Finds out what is wrong and calls `tell` once for each code. In development it also prints a
 * warning that names the option and the fix. This chunk is loaded when something goes wrong for the
 * first time.
 */
export async function report(
  trouble: Trouble,
  cause: unknown,
  options: ResolvedOptions,
  reported: Set<string>,
  tell: Call,
): Promise<void> {
  // One diagnosis is enough: the server may be away for hours.
  if (trouble === 'network') reported.add(trouble);
  const code = await codeOf(trouble, cause, options).catch(() => null);
  if (!code || reported.has(code)) return;
  reported.add(code);
  const error = keepaliveError(code, cause);
  tell('onEvent', { type: 'error', at: Date.now(), code, message: error.message });
  tell('onError', error);
  // biome-ignore lint/suspicious/noConsole: a developer's warning, on loopback hosts only.
  if (isLoopback()) console.warn(`[stillhere] ${code}: ${explain(code, options)}`);
}
