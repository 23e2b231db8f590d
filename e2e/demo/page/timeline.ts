import type { DemoEvent } from './demo-event.js';
import { describeEvent } from './describe-event.js';
import { byId } from './dom.js';
import { formatTime } from './format.js';
import { tabName } from './tab-name.js';

const MOST_ROWS = 250;

export interface Timeline {
  add(event: DemoEvent): void;
  /** All events, oldest first: the seed of a tab that opens later. */
  events(): readonly DemoEvent[];
}

const keyOf = (event: DemoEvent): string => (event.type === 'note' && event.id) || JSON.stringify(event);

function createRow(event: DemoEvent): HTMLLIElement {
  const { text, tone, tab } = describeEvent(event);
  const row = document.createElement('li');
  row.dataset.testid = 'timeline-row';
  row.dataset.type = event.type;
  row.dataset.tone = tone;
  if (tab !== null) row.dataset.tab = tab;
  const time = document.createElement('time');
  time.dateTime = new Date(event.at).toISOString();
  time.textContent = formatTime(event.at);
  const what = document.createElement('span');
  what.className = 'what';
  what.textContent = text;
  const who = document.createElement('span');
  who.className = 'tab';
  who.textContent = tab === null ? '' : tabName(tab);
  row.append(time, what, who);
  return row;
}

/**
 * Newest first, every event once: news of one event can come by the worker, and again with another
 * tab's seed.
 */
export function createTimeline(): Timeline {
  const list = byId('timeline', HTMLOListElement);
  const known = new Set<string>();
  const events: DemoEvent[] = [];
  return {
    add(event) {
      const key = keyOf(event);
      if (known.has(key)) return;
      known.add(key);
      let index = events.length;
      while (index > 0 && (events[index - 1]?.at ?? 0) > event.at) index -= 1;
      events.splice(index, 0, event);
      list.insertBefore(createRow(event), list.children[events.length - 1 - index] ?? null);
      if (events.length > MOST_ROWS) {
        const oldest = events.shift();
        if (oldest) known.delete(keyOf(oldest));
        list.lastElementChild?.remove();
      }
    },
    events: () => events,
  };
}
