import type { ErrorCode } from '../../sw/protocol.js';

/**
 * Finds out why a worker could not be registered. Browsers word the error differently, so this
 * requests the script again and looks at the answer. Returns `null` if the network is down, which
 * is no mistake in the application.
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

/** Tells if a Content-Security-Policy lets a script connect to its own origin. */
export function allowsConnect(policy: string): boolean {
  const directives = policy.split(';').map((directive) => directive.trim().split(/\s+/));
  const sources = (directives.find(([name]) => name === 'connect-src') ??
    directives.find(([name]) => name === 'default-src') ?? ['', '*']) as string[];
  return sources.slice(1).some((source) => source !== "'none'");
}

/**
 * Finds out why requests fail though the browser is online. A worker obeys the policy that its own
 * script came with, and no event tells a page that this policy blocks a request. Returns `null` if
 * the policy allows the request.
 */
export async function diagnoseNetwork(script: string): Promise<ErrorCode | null> {
  const { headers } = await fetch(script, { redirect: 'manual' });
  const policies = (headers.get('Content-Security-Policy') ?? '').split(',');
  return policies.every((policy) => !policy.trim() || allowsConnect(policy)) ? null : 'endpoint-blocked';
}
