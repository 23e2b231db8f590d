import { BUILD } from '../../sw/build.js';
import { type Ask, type EngineSnapshot, isReply, type Outcome, PROTOCOL_VERSION } from '../../sw/protocol.js';

/** The milliseconds in which a worker has to acknowledge. A cold start takes some 10 to 70 ms. */
const ACK_TIMEOUT = 3_000;

/**
 * Asks the worker and waits for the outcome, at most `patience` milliseconds. Calls `onSnapshot`
 * with the state at once, and again with the state of the outcome. Rejects with `worker-silent` if
 * the worker did not acknowledge in time, or with the worker's own error code. Always settles.
 */
export function postAsk(
  worker: ServiceWorker,
  ask: Ask,
  patience: number,
  onSnapshot: (snapshot: EngineSnapshot, build: string) => void,
): Promise<Outcome> {
  return new Promise<Outcome>((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    // The port is closed in any case. An open port may live as long as the page, though its worker
    // was stopped.
    const end = <T>(settle: (value: T) => void, value: T): void => {
      clearTimeout(timer);
      port1.close();
      settle(value);
    };
    let timer = setTimeout(end, ACK_TIMEOUT, reject, 'worker-silent');
    port1.onmessage = ({ data }) => {
      if (!isReply(data)) return;
      const { type, payload, build } = data;
      if (type === 'error') return end(reject, payload.code);
      if (type === 'done') {
        onSnapshot(payload.snapshot, build);
        return end(resolve, payload.outcome);
      }
      clearTimeout(timer);
      onSnapshot(payload, build);
      // The worker may be stopped at any line. A missing outcome is not the session's end.
      timer = setTimeout(end, patience, resolve, 'unavailable');
    };
    worker.postMessage({ stillhere: PROTOCOL_VERSION, type: 'ask', build: BUILD, payload: ask }, [port2]);
  });
}
