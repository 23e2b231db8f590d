import type { Ask, EngineSnapshot, Outcome } from '../../sw/protocol.js';
import type { ResolvedOptions } from '../options.js';
import { checkBuild } from './check-build.js';
import { diagnoseWorker } from './diagnose-worker.js';
import type { Host, HostEvents } from './host.js';
import { postAsk } from './post-ask.js';
import { registerWorker, workerPlace } from './register-worker.js';

/** The engine in the worker, reached through its registration. */
export function createWorkerHost(options: ResolvedOptions, { onHost, onError }: HostEvents): Host {
  let registered: Promise<ServiceWorkerRegistration> | undefined;
  let isBuildKnown = false;

  async function send(ask: Ask, onSnapshot: (snapshot: EngineSnapshot) => void): Promise<Outcome> {
    registered ??= registerWorker(options);
    const registration = await registered;
    // An installation that failed, or a registration that somebody has removed.
    if (!registration.active) throw 'worker-silent';
    return postAsk(registration.active, {
      ask,
      patience: 2 * options.settings.requestTimeout + 10_000,
      onSnapshot(snapshot) {
        onHost('worker', 'registered');
        onSnapshot(snapshot);
      },
      onBuild(build) {
        if (!isBuildKnown) checkBuild(build, registration, onError);
        isBuildKnown = true;
      },
    });
  }

  return {
    async ask(make, onSnapshot) {
      try {
        return await send(make(), onSnapshot).catch((error: unknown) => {
          if (error !== 'worker-silent') throw error;
          // The worker of a removed registration vanishes silently: look it up anew.
          registered = undefined;
          return send(make(), onSnapshot);
        });
      } catch (error) {
        if (error === 'worker-silent' || error === 'protocol') {
          onError(error);
        } else if (error === 'storage') {
          onError(error);
          return 'unavailable';
        } else {
          const { script, scope } = workerPlace(options);
          void diagnoseWorker(script, scope).then((code) => code && onError(code, error));
        }
        throw error;
      }
    },
    async forget() {
      await (await registered)?.unregister();
    },
  };
}
