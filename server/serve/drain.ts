import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/**
 * An open connection on which nothing was asked for so long, in milliseconds, is closed: a proxy
 * that still uses it would have done so.
 */
const QUIET_MS = 1_000;
/** A request that has not arrived completely so much later, in milliseconds, is given up. */
const UNFINISHED_MS = 5_000;
/** Most turns of the event loop to wait for one in which no connection came. */
const MOST_TURNS = 100;

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

export interface Drain {
  /** From now on each answer says `Connection: close`. */
  begin(): void;
  /**
   * Takes no new connections; resolves when all that was asked is answered and the last connection
   * has gone.
   */
  close(): Promise<void>;
}

/**
 * Stops a server so that its clients notice nothing. HTTP/1.1 has one way to end a connection
 * without a race: `Connection: close` in an answer (RFC 9112 section 9.6). A connection that is
 * merely closed may have the next request on its way, and a proxy must not repeat a POST. So each
 * answer ends its connection, and what was idle is closed when no more requests come.
 */
export function createDrain(server: Server): Drain {
  /**
   * Open connections, each with what is under way on it: a client may ask again before it is
   * answered.
   */
  const open = new Map<Socket, Set<Exchange>>();
  let draining = false;
  let closingIdle = false;
  let arrivals = 0;
  let askedAt = 0;

  server.on('connection', (socket) => {
    arrivals += 1;
    open.set(socket, new Set());
    socket.once('close', () => open.delete(socket));
  });
  server.prependListener('request', (request, response) => {
    const { socket } = request;
    const exchange = { request, response };
    const underWay = open.get(socket);
    askedAt = performance.now();
    underWay?.add(exchange);
    if (draining) response.setHeader('Connection', 'close');
    response.once('close', () => {
      underWay?.delete(exchange);
      // Its headers may have left before the drain began, so that it could not say that it is the
      // last.
      if (closingIdle && !underWay?.size) socket.end();
    });
  });

  const begin = (): void => {
    draining = true;
    for (const underWay of open.values()) {
      for (const { response } of underWay) if (!response.headersSent) response.setHeader('Connection', 'close');
    }
  };

  /**
   * The system resets what it has accepted and we have not, so the listening socket is closed in a
   * turn that brought no connection.
   */
  const stopListening = async (): Promise<void> => {
    for (let turn = 0, before = -1; turn < MOST_TURNS && before !== arrivals; turn += 1) {
      before = arrivals;
      await nextTurn();
    }
    // The method of the HTTP server would close what is idle at once, and no longer look for
    // requests that take too long.
    NetServer.prototype.close.call(server);
  };

  const untilQuiet = async (): Promise<void> => {
    askedAt = performance.now();
    for (let left = QUIET_MS; left > 0 && open.size > 0; left = QUIET_MS - (performance.now() - askedAt)) {
      await Promise.race([sleep(left, undefined, { ref: false }), once(server, 'close')]);
    }
  };

  const closeIdle = (): void => {
    closingIdle = true;
    for (const [socket, underWay] of open) if (!underWay.size) socket.destroy();
  };

  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    begin();
    await stopListening();
    await untilQuiet();
    closeIdle();
    const unfinished = setTimeout(() => {
      for (const [socket, underWay] of open) {
        if ([...underWay].every(({ request }) => !request.complete)) socket.destroy();
      }
    }, UNFINISHED_MS);
    await closed;
    clearTimeout(unfinished);
  };

  return { begin, close };
}
