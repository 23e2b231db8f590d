import type { TestProvider, TokenFault } from '../dev-provider/provider.js';
import { HERE, serviceAt } from './service-bench.js';

export type Due = [fault: TokenFault, times?: number, more?: Parameters<typeof serviceAt>[1]];

/** A session whose token is due, at a provider that will fail. */
export async function dueSession(provider: TestProvider, ...[fault, times, more = {}]: Due) {
  const bench = serviceAt(provider, more);
  const session = await bench.open();
  bench.pass(43);
  provider.fault(fault, times);
  const before = provider.calls().refresh;
  return {
    ...bench,
    ...session,
    beat: () => bench.service.beat(session.cookie, HERE),
    calls: () => provider.calls().refresh - before,
  };
}

/** An OAuth error (RFC 6749 section 5.2). */
export const oauth = (error: string, status = 400): TokenFault => ({ status, body: JSON.stringify({ error }) });
