/** What happens next in the model: first in, first out within a queue, any order between queues. */
interface Op {
  label: string;
  /** Whoever dies with a kill takes these with him; `null` belongs to the world outside. */
  owner: object | null;
  /** Does what others see, and returns what the owner would do next: a kill can come in between. */
  run: () => (() => void) | undefined;
}

interface Timer {
  at: number;
  controller: AbortController;
}

/** Lets every microtask run that is due. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

export interface Scheduler {
  /** Milliseconds of a clock that nobody can set. */
  now: number;
  push(queue: string, label: string, owner: object | null, run: Op['run']): void;
  drop(owner: object): void;
  /** Those who stand still: what is theirs waits, and holds up nobody else's. */
  still: Set<object>;
  /**
   * Runs the head of one queue; with `kill`, its owner dies before it can go on. False if nothing
   * is left.
   */
  step(pick: number, kill?: (owner: object) => void): Promise<boolean>;
  drain(): Promise<void>;
  advance(span: number): Promise<void>;
  timeout(span: number): AbortSignal;
  trace: string[];
}

export function createScheduler(): Scheduler {
  const queues = new Map<string, Op[]>();
  let timers: Timer[] = [];

  const still = new Set<object>();
  const canRun = ({ owner }: Op): boolean => owner === null || !still.has(owner);

  function take(pick: number): Op | undefined {
    const names = [...queues].filter(([, ops]) => ops.some(canRun)).map(([name]) => name);
    const name = names[pick % names.length];
    if (name === undefined) return undefined;
    const queue = queues.get(name) ?? [];
    const [op] = queue.splice(queue.findIndex(canRun), 1);
    if (queue.length === 0) queues.delete(name);
    return op;
  }

  const scheduler: Scheduler = {
    now: 0,
    still,
    trace: [],
    push(queue, label, owner, run) {
      const ops = queues.get(queue) ?? [];
      ops.push({ label, owner, run });
      queues.set(queue, ops);
    },
    drop(owner) {
      for (const [name, ops] of queues) {
        const rest = ops.filter((op) => op.owner !== owner);
        if (rest.length > 0) queues.set(name, rest);
        else queues.delete(name);
      }
    },
    async step(pick, kill) {
      const op = take(pick);
      if (!op) return false;
      scheduler.now += 1;
      scheduler.trace.push(`    ${scheduler.now} ${op.label}${kill && op.owner ? ' KILLED' : ''}`);
      const next = op.run();
      if (kill && op.owner) kill(op.owner);
      else next?.();
      await settle();
      return true;
    },
    async drain() {
      await settle();
      for (let n = 0; await scheduler.step(n); n += 1) {
        if (n > 2_000) throw new Error('It never comes to rest');
      }
    },
    async advance(span) {
      const end = scheduler.now + span;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        scheduler.now = Math.max(scheduler.now, next.at);
        next.controller.abort(new DOMException('timeout', 'TimeoutError'));
      }
      scheduler.now = Math.max(scheduler.now, end);
      await settle();
    },
    timeout(span) {
      const controller = new AbortController();
      timers.push({ at: scheduler.now + span, controller });
      return controller.signal;
    },
  };
  return scheduler;
}
