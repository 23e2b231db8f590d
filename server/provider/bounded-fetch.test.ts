import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { codeOf } from '../observe/logger.js';
import { createKeyFinder } from '../routes/read-logout-token.js';
import { AnswerTooLongError, boundedFetch } from './bounded-fetch.js';
import { createProvider } from './provider.js';

const MIB = 1_048_576;
const CHUNK = Buffer.alloc(65_536, 'x');
let close = () => {};
afterEach(() => close());

/** A server whose answers have no end, and the bytes that it could send. */
async function endless(first: string) {
  let sent = 0;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(first);
    const pour = (to: ServerResponse): void => {
      for (let takesMore = true; takesMore && !to.destroyed; sent += CHUNK.length) takesMore = to.write(CHUNK);
      if (!to.destroyed) to.once('drain', () => pour(to));
    };
    pour(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent: () => sent };
}

it('reads 1 MiB of an answer that has no end, and closes the connection', async () => {
  const { url, sent } = await endless('');
  await expect(boundedFetch(url)).rejects.toBeInstanceOf(AnswerTooLongError);
  // The rest is what sockets hold.
  expect(sent()).toBeLessThan(16 * MIB);
  const after = sent();
  await boundedFetch(url).catch(() => undefined);
  expect(sent() - after).toBeLessThan(16 * MIB);
});

it('refuses metadata of a provider that have no end', async () => {
  const { url } = await endless('{"issuer":"');
  const proof = { method: null, secret: null, key: null };
  const settings = { issuer: new URL(url), clientId: 'app', proof, scope: 'openid', authParams: {} };
  const failure = await createProvider(settings)
    .access()
    .catch((error: unknown) => error);
  expect(codeOf(failure)).toBe('ANSWER_TOO_LONG');
});

it('refuses keys of a provider that have no end', async () => {
  const { url, sent } = await endless('{"keys":[');
  const find = createKeyFinder()(url);
  const found = (async () => find({ alg: 'RS256', kid: 'a' }, { payload: '', signature: '' }))();
  const failure = await found.catch((error: unknown) => error);
  expect(codeOf(failure)).toBe('ANSWER_TOO_LONG');
  expect(sent()).toBeLessThan(16 * MIB);
});

it('ends with its signal while an answer trickles in', async () => {
  const server = createServer((_request, response) => {
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  const { port } = server.address() as AddressInfo;
  const asked = boundedFetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(200) });
  await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
});
