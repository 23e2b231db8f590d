import { BUILD } from '../../sw/build.js';
import type { HostEvents } from './host.js';

/**
 * Compares the worker's build with the page's. After a deployment the first new page brings the new worker; only where there is none to
 * bring does the server serve another build's.
 */
export function checkBuild(
  build: string,
  registration: ServiceWorkerRegistration,
  onError: HostEvents['onError'],
): void {
  if (build === BUILD) return;
  const { active } = registration;
  registration.update().then(
    () => {
      const { installing, waiting } = registration;
      if (!installing && !waiting && registration.active === active) onError('worker-build');
    },
    () => undefined,
  );
}
