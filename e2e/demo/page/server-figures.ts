import { type DemoStatus, readStatus } from './demo-server.js';
import { byId, setText } from './dom.js';

const CELLS = ['kept', 'alone'] as const;

/**
 * What the server has counted; call what it returns when that may have changed. Several calls at
 * once ask once.
 */
export function createServerFigures(show: (status: DemoStatus) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function look(): Promise<void> {
    const status = document.visibilityState === 'visible' ? await readStatus() : null;
    if (!status) return;
    for (const id of CELLS) {
      setText(byId(`${id}-beats`, HTMLElement), String(status.beats[id]));
      setText(byId(`${id}-grants`, HTMLElement), String(status.grants[id]));
    }
    show(status);
  }

  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), 150);
  };
}
