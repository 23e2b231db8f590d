import type { KeepaliveOptions } from '../../../client/types.js';
import type { DemoConfig } from './config.js';

/** The demo's pace. `?worker=off` runs the engine in the page, as in a browser without workers. */
export function keepaliveOptions(config: DemoConfig): KeepaliveOptions {
  const options: KeepaliveOptions = {
    endpoint: '/auth/heartbeat',
    interval: config.intervalMs,
    activeWindow: config.activeWindowMs,
    warnBefore: config.warnBeforeMs,
    // At this pace a beat every ten seconds needs to know sooner that somebody types.
    activityResolution: 1000,
    minInterval: Math.min(5000, config.intervalMs / 2),
  };
  return new URLSearchParams(location.search).get('worker') === 'off' ? { ...options, worker: false } : options;
}
