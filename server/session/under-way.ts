/** The work of a service for which its end must wait. */
export interface UnderWay {
  /** Work that goes on after an answer. */
  beside(work: Promise<unknown>): void;
  /** Adds a request that is being answered, and returns it. */
  asked<T>(question: Promise<T>): Promise<T>;
  /** Resolves when all work is done, and all requests so far are answered. */
  settled(): Promise<void>;
}

function keepIn(set: Set<Promise<unknown>>, work: Promise<unknown>): void {
  set.add(work);
  const done = () => set.delete(work);
  work.then(done, done);
}

/** `outlive` is told of all work that goes on after an answer. */
export function createUnderWay(outlive: (work: Promise<unknown>) => void): UnderWay {
  const running = new Set<Promise<unknown>>();
  const asking = new Set<Promise<unknown>>();
  const atRest = async (): Promise<void> => {
    while (running.size > 0) await Promise.allSettled(running);
  };
  return {
    beside(work) {
      keepIn(running, work);
      outlive(work);
    },
    asked(question) {
      keepIn(asking, question);
      return question;
    },
    async settled() {
      await atRest();
      await Promise.allSettled(asking);
      // What they have left to be done.
      await atRest();
    },
  };
}
