import type { KeepaliveEvent } from '../../../client/types.js';
import { byId, setData, setText } from './dom.js';
import { createOpenTabs } from './open-tabs.js';
import { tabName } from './tab-name.js';

/**
 * Shows the open tabs under the same names as the timeline. A page is not told the id under which
 * it asks, so it takes the first hello that no other open tab has taken.
 */
export function showOpenTabs(): { hear(event: KeepaliveEvent): void; own(): string | null; look(): Promise<void> } {
  const list = byId('tabs', HTMLUListElement);
  let own: string | null = null;
  let tabs: ReturnType<typeof createOpenTabs> | null = null;
  let shown = '';

  async function taken(): Promise<string[]> {
    return createOpenTabs('').list();
  }

  async function look(): Promise<void> {
    if (!tabs || document.visibilityState !== 'visible') return;
    const ids = await tabs.list();
    if (ids.join() === shown) return;
    shown = ids.join();
    list.replaceChildren(
      ...ids.map((id) => {
        const item = document.createElement('li');
        item.dataset.testid = 'tab';
        item.dataset.tab = id;
        setData(item, 'self', String(id === own));
        setText(item, id === own ? `${tabName(id)} (this one)` : tabName(id));
        return item;
      }),
    );
  }

  return {
    own: () => own,
    look,
    hear(event) {
      if (own || event.type !== 'ping' || event.ask !== 'hello') return;
      const id = event.tab;
      void taken().then((ids) => {
        if (own || ids.includes(id)) return undefined;
        own = id;
        tabs = createOpenTabs(id);
        tabs.start();
        return look();
      });
    },
  };
}
