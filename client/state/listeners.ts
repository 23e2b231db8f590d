import type { ResolvedOptions } from '../options.js';
import type { Call, TabListener, Trouble } from '../tab-types.js';
import type { KeepaliveEvent } from '../types.js';

type Events = typeof import('../lazy/events-of.js');

/** The instances that a tab speaks to. */
export interface Audience {
  listeners: Set<TabListener>;
  tell: Call;
  /** Finds out, tells the application and explains; where what does that is not to be loaded, the next trouble tries again. */
  trouble(trouble: Trouble, cause?: unknown): void;
  /** Another tab tells its application of this trouble: this one does not do so as well. */
  toldElsewhere(trouble: Trouble): void;
  /** Tells the events that `make` makes, in the order of the calls. */
  events(make: (events: Events) => KeepaliveEvent[]): void;
}

/** Speaks to all instances. What makes events and what explains troubles is loaded where somebody listens or something is wrong. */
export function createAudience(options: ResolvedOptions): Audience {
  const listeners = new Set<TabListener>();
  const reported = new Set<string>();
  let telling = Promise.resolve();
  /** Kept: to import anew what is there already takes the browser a task, and an event would come after what it caused. */
  let chunk: Promise<Events> | undefined;
  const tell: Call = (name, value) => {
    for (const listener of listeners) listener.call(name, value);
  };

  return {
    listeners,
    tell,
    trouble(trouble, cause) {
      if (!reported.has(trouble))
        import('../lazy/trouble.js')
          .then(({ report }) => report(trouble, cause, options, reported, tell))
          .catch(() => undefined);
    },
    toldElsewhere(trouble) {
      reported.add(trouble);
    },
    events(make) {
      if ([...listeners].some(({ hears }) => hears))
        telling = telling
          .then(() => {
            chunk ??= import('../lazy/events-of.js');
            return chunk;
          })
          .then((events) => {
            for (const event of make(events)) tell('onEvent', event);
          })
          .catch(() => {
            // Where it did not load, the next event tries again.
            chunk = undefined;
          });
    },
  };
}
