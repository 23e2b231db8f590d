import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Meter } from '../observe/meter.js';

/**
 * Seconds: a beat without a grant takes milliseconds, a request waits for its grant for 8 s at
 * most, and a grant runs for 20 s.
 */
const BUCKETS = [0.002, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 20];

/** A meter whose counts are a page in Prometheus's text format, beside those of the process. */
export function createPrometheusMeter() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <T extends string>(name: string, help: string, labelNames: T[]) =>
    new Counter({ name: `stillhere_${name}_total`, help, labelNames, registers });
  const seconds = <T extends string>(name: string, help: string, labelNames: T[]) =>
    new Histogram({ name: `stillhere_${name}_seconds`, help, labelNames, buckets: BUCKETS, registers });

  const requests = counter('requests', 'Requests answered', ['route', 'status', 'reason']);
  const requestSeconds = seconds('request', 'How long a request took', ['route']);
  const tokenRequests = counter('token_requests', 'Refresh tokens sent to the provider', ['outcome']);
  const tokenSeconds = seconds('token_request', 'How long the token endpoint took', []);
  const begun = counter('sessions_begun', 'Sessions that began', []);
  const ended = counter('sessions_ended', 'Sessions that ended here, by reason', ['reason']);
  const failures = counter('store_failures', 'Commands that the session store could not carry out', ['kind']);

  const meter: Meter = {
    answered(route, status, reason, took) {
      requests.inc({ route, status, reason });
      requestSeconds.observe({ route }, took);
    },
    asked(outcome, took) {
      tokenRequests.inc({ outcome });
      tokenSeconds.observe(took);
    },
    sessionBegun: () => begun.inc(),
    sessionsEnded: (reason, count) => ended.inc({ reason }, count),
    storeFailed: (kind) => failures.inc({ kind }),
  };
  return { meter, contentType: registry.contentType, page: () => registry.metrics() };
}
