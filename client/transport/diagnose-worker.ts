import type { ErrorCode } from '../../sw/protocol.js';

/**
 * Why a worker could not be registered. Browsers word it differently, so the script is asked for again; `null` where the network is down,
 * which is nobody's mistake.
 */
export async function diagnoseWorker(script: string, scope: string): Promise<ErrorCode | null> {
  try {
    const response = await fetch(script, { headers: { 'Service-Worker': 'script' }, redirect: 'manual' });
    if (!response.ok) return 'worker-missing';
    if (!/(java|ecma)script/.test(response.headers.get('Content-Type') ?? '')) return 'worker-html';
    const widest = new URL(response.headers.get('Service-Worker-Allowed') ?? '.', script).pathname;
    return new URL(scope, script).pathname.startsWith(widest) ? 'worker-blocked' : 'worker-scope';
  } catch {
    return null;
  }
}
