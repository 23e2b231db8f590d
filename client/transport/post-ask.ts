import { BUILD } from '../../sw/build.js';
import { type Ask, type EngineSnapshot, type Outcome, PROTOCOL_VERSION, readReply } from '../../sw/protocol.js';

/** How long a worker may take to say that it has heard. A cold start takes some 10 to 70 ms. */
const ACK_TIMEOUT = 3_000;

export interface Post {
  ask: Ask;
  /** How long the outcome may take, in milliseconds. */
  patience: number;
  /** Called with the state at once and again with the outcome's. */
  onSnapshot: (snapshot: EngineSnapshot) => void;
  onBuild: (build: string) => void;
}

/**
 * Asks the worker and waits for the outcome. Rejects with an error code: `worker-silent` where the worker did not answer in 3 s, or the
 * worker's own. Always settles.
 */
export function postAsk(worker: ServiceWorker, { ask, patience, onSnapshot, onBuild }: Post): Promise<Outcome> {
  return new Promise<Outcome>((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    let timer = setTimeout(reject, ACK_TIMEOUT, 'worker-silent');
    port1.onmessage = ({ data }) => {
      const reply = readReply(data);
      if (!reply) return;
      onBuild(reply.build);
      clearTimeout(timer);
      if (reply.type === 'ack') {
        onSnapshot(reply.payload);
        // The worker may be stopped at any line: no outcome is not the session's end.
        timer = setTimeout(resolve, patience, 'unavailable');
      } else if (reply.type === 'done') {
        onSnapshot(reply.payload.snapshot);
        resolve(reply.payload.outcome);
      } else {
        reject(reply.payload.code);
      }
      if (reply.type !== 'ack') port1.close();
    };
    worker.postMessage({ stillhere: PROTOCOL_VERSION, type: 'ask', build: BUILD, payload: ask }, [port2]);
  });
}
