import { browserPorts } from './adapters/browser-ports.js';
import { BUILD } from './build.js';
import { createEngine } from './engine.js';
import type { EngineAddress } from './engine-types.js';
import { type ErrorCode, isOurs, PROTOCOL_VERSION, type Reply, readAsk } from './protocol.js';

declare const self: ServiceWorkerGlobalScope;

type Payload<T extends Reply['type']> = Extract<Reply, { type: T }>['payload'];

/**
 * Listens to pages. It is called synchronously when the script starts, so that the browser finds
 * the listeners.
 */
export function runWorker(address: EngineAddress): void {
  const ports = browserPorts(address);
  const started = { type: 'worker', at: ports.clock.now(), build: BUILD, instance: ports.random.id() } as const;
  const engine = createEngine(ports, !!address.statusEndpoint, [started]);

  self.addEventListener('activate', (event) => event.waitUntil(engine.wake()));
  self.addEventListener('message', (event) => {
    const { data, ports } = event;
    if (!isOurs(data)) return;
    const reply = <T extends Reply['type']>(type: T, payload: Payload<T>) =>
      ports[0]?.postMessage({ stillhere: PROTOCOL_VERSION, build: BUILD, type, payload });
    const refuse = (code: ErrorCode) => reply('error', { code });
    const ask = readAsk(data);
    if (!ask) {
      refuse('protocol');
      return;
    }
    const { ack, done } = engine.ask(ask);
    event.waitUntil(
      Promise.all([ack.then((snapshot) => reply('ack', snapshot)), done.then((ending) => reply('done', ending))]).catch(
        () => refuse('storage'),
      ),
    );
  });
}
