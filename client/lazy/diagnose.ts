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

/** Whether a Content-Security-Policy lets a script connect to its own origin. */
export function allowsConnect(policy: string): boolean {
  const directives = policy.split(';').map((directive) => directive.trim().split(/\s+/));
  const sources = (directives.find(([name]) => name === 'connect-src') ??
    directives.find(([name]) => name === 'default-src') ?? ['', '*']) as string[];
  return sources.slice(1).some((source) => source !== "'none'");
}

/**
 * Why requests fail though the browser is online: a worker obeys the policy that its own script came with, and no event tells a page that it
 * blocks. `null` where nothing is wrong with it.
 */
export async function diagnoseNetwork(script: string): Promise<ErrorCode | null> {
  const { headers } = await fetch(script, { redirect: 'manual' });
  const policies = (headers.get('Content-Security-Policy') ?? '').split(',');
  return policies.every((policy) => !policy.trim() || allowsConnect(policy)) ? null : 'endpoint-blocked';
}
