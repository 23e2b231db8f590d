import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * What goes wrong at the token endpoint. `status` answers without asking the provider; `hang` never
 * answers; `drop-before` cuts the connection before the provider sees the request, `drop-after`,
 * `hang-after` and `truncated` after it has rotated the token; `rewrite` changes its JSON; `hold`
 * lets the request through when the promise resolves; `bytes` answers 200 with a body of that
 * length.
 */
export type TokenFault =
  | 'pass'
  | 'hang'
  | 'hang-after'
  | 'drop-before'
  | 'drop-after'
  | 'truncated'
  | 'html'
  | { status: number; body?: string; headers?: Record<string, string> }
  | { bytes: number }
  | { statusAfter: number }
  | { rewrite: (json: Record<string, unknown>) => Record<string, unknown> }
  | { hold: Promise<unknown> };

export interface UpstreamAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function send(response: ServerResponse, status: number, headers: IncomingHttpHeaders, body: Buffer | string): void {
  const { 'transfer-encoding': _encoding, connection: _connection, ...rest } = headers;
  response.writeHead(status, { ...rest, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** A body of this length, at the pace of its reader. */
function* spaces(length: number): Generator<Buffer> {
  const chunk = Buffer.alloc(65_536, ' ');
  for (let left = length; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Answers one token request with a fault; `forward` asks the real provider. */
export async function answerWithFault(
  fault: TokenFault,
  request: IncomingMessage,
  response: ServerResponse,
  forward: () => Promise<UpstreamAnswer>,
): Promise<void> {
  if (fault === 'hang') return;
  if (fault === 'drop-before') {
    request.socket.destroy();
    return;
  }
  if (fault === 'html')
    return send(response, 200, { 'content-type': 'text/html' }, '<!doctype html><title>Welcome</title>');
  if (typeof fault === 'object' && 'status' in fault) {
    const body = fault.body ?? '';
    return send(response, fault.status, { ...(body.startsWith('{') ? JSON_TYPE : {}), ...fault.headers }, body);
  }
  if (typeof fault === 'object' && 'bytes' in fault) {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': fault.bytes });
    await pipeline(Readable.from(spaces(fault.bytes)), response).catch(() => undefined);
    return;
  }
  if (typeof fault === 'object' && 'hold' in fault) await fault.hold;
  const answer = await forward();
  if (fault === 'hang-after') return;
  if (fault === 'drop-after') {
    request.socket.destroy();
    return;
  }
  if (fault === 'truncated') {
    response.writeHead(answer.status, { ...JSON_TYPE, 'content-length': answer.body.length });
    response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => request.socket.destroy());
    return;
  }
  if (typeof fault === 'object' && 'statusAfter' in fault) return send(response, fault.statusAfter, {}, '');
  if (typeof fault === 'object' && 'rewrite' in fault) {
    const body = JSON.stringify(fault.rewrite(JSON.parse(answer.body.toString())));
    return send(response, answer.status, answer.headers, body);
  }
  send(response, answer.status, answer.headers, answer.body);
}
