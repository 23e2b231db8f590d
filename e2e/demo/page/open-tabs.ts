const LOCK_PREFIX = 'stillhere-demo-tab:';

/**
 * Which tabs of the demo are open. Every tab holds a lock that carries its id: a lock dies with its
 * tab, even with one that crashes, so there is nothing to clean up and no tab has to say that it is
 * still there.
 */
export function createOpenTabs(id: string): { list(): Promise<string[]>; start(): void } {
  let release: (() => void) | null = null;

  function hold(): void {
    if (release || !('locks' in navigator)) return;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    navigator.locks.request(LOCK_PREFIX + id, () => held).catch(() => undefined);
  }

  return {
    start() {
      hold();
      // A held lock would keep the page out of the back/forward cache of some browsers.
      addEventListener('pagehide', () => {
        release?.();
        release = null;
      });
      addEventListener('pageshow', hold);
    },
    async list() {
      if (!('locks' in navigator)) return [id];
      const { held = [] } = await navigator.locks.query();
      const ids = held.flatMap(({ name }) => (name?.startsWith(LOCK_PREFIX) ? [name.slice(LOCK_PREFIX.length)] : []));
      return [...new Set([...ids, id])].sort();
    },
  };
}
