import type { ResolvedOptions } from '../options.js';
import type { Call, TabListener, Trouble } from '../tab-types.js';
import type { KeepaliveEvent } from '../types.js';

type Events = typeof import('../lazy/events-of.js');

/** The instances of the keepalive in a page, as their tab tells them of changes. */
export interface Audience {
  listeners: Set<TabListener>;
  tell: Call;
  /**
   * Diagnoses the problem, tells the application, and explains it to a developer. If the chunk that
   * does so fails to load, the next problem tries again.
   */
  trouble(trouble: Trouble, cause?: unknown): void;
  /** Notes that another tab tells its application of this problem, so that this tab does not. */
  toldElsewhere(trouble: Trouble): void;
  /** Tells the events that `make` makes, in the order of the calls. */
  events(make: (events: Events) => KeepaliveEvent[]): void;
}

/**
 * Tells all instances. The chunk that makes events is loaded if an application listens to them, and
 * the chunk that explains problems is loaded if there is one.
 */
export function createAudience(options: ResolvedOptions): Audience {
  const listeners = new Set<TabListener>();
  const reported = new Set<string>();
  let telling = Promise.resolve();
  /** Cached: a repeated `import()` costs a task, and an event would come after its consequences. */
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
            // The chunk did not load. The next event tries again.
            chunk = undefined;
          });
    },
  };
}
