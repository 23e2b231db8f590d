import type { ErrorCode } from '../../sw/protocol.js';
import type { ResolvedOptions } from '../options.js';
import type { Call, Trouble } from '../tab-types.js';
import { workerPlace } from '../transport/worker-place.js';
import { diagnoseNetwork, diagnoseWorker } from './diagnose.js';
import { explain } from './explain.js';
import { keepaliveError } from './keepalive-error.js';

const isLoopback = () => /^(localhost|.+\.localhost|127\..+|\[::1\])$/.test(location.hostname);

/**
 * After a deployment the first new page brings the new worker; only where there is none to bring does the server serve another build's.
 */
async function diagnoseVersion(code: ErrorCode, registration: ServiceWorkerRegistration): Promise<ErrorCode | null> {
  const { active } = registration;
  await registration.update();
  const { installing, waiting } = registration;
  return !installing && !waiting && registration.active === active ? code : null;
}

async function codeOf(trouble: Trouble, cause: unknown, options: ResolvedOptions): Promise<ErrorCode | null> {
  if (trouble === 'build') return diagnoseVersion('worker-build', cause as ServiceWorkerRegistration);
  // Where the newer one cannot be had this page goes on by itself, which somebody should know.
  if (trouble === 'protocol') return diagnoseVersion(trouble, cause as ServiceWorkerRegistration).catch(() => trouble);
  if (trouble !== 'registration' && trouble !== 'network') return trouble;
  const { script, scope } = workerPlace(options);
  return trouble === 'network' ? diagnoseNetwork(script) : diagnoseWorker(script, scope);
}

/**
 * Finds out what is wrong, tells `tell` once for each code, and in development prints a warning that names the option and the fix. Loaded
 * when the first thing goes wrong: a page in good health never pays for it.
 */
export async function report(
  trouble: Trouble,
  cause: unknown,
  options: ResolvedOptions,
  reported: Set<string>,
  tell: Call,
): Promise<void> {
  // Looked into once: the server may be away for hours.
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
