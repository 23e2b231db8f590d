import { CONTRACT_VERSION, isJsonObject, MAX_BODY_BYTES } from '../contract.js';
import { problem } from '../http/problem.js';
import { readAtMost } from '../http/read-at-most.js';
import type { Presence } from '../verdict/verdict.js';

const badRequest = () => problem(400, 'bad_request', 'The body is not that of a beat');
const tooLarge = () => problem(413, 'too_large', 'The body is longer than a beat can be');

/**
 * Decodes strictly. Bytes that are no UTF-8 throw, and a byte order mark stays, so that it is no
 * valid JSON (RFC 8259 section 8.1).
 */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a body whose length was told before, which HTTP enforces (RFC 9110 section 8.6). Returns
 * `null` if it is too long. Reading it at once saves `@hono/node-server` a web stream for each
 * beat, which costs more than the rest of the beat.
 */
async function readWhole(request: Request, limit: number): Promise<Uint8Array | null> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  return bytes.byteLength > limit ? null : bytes;
}

const isDuration = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

function parse(text: string): Presence | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isJsonObject(body) || body.v !== CONTRACT_VERSION) return null;
  const { activity, idleMs = 0, unansweredMs = 0 } = body;
  if (activity !== 'user' && activity !== 'none') return null;
  if (!isDuration(idleMs) || !isDuration(unansweredMs)) return null;
  return { activity, idleMs, ...(unansweredMs > 0 && { unansweredMs }) };
}

/**
 * Reads a beat, or makes the answer that refuses it: 413, 415 or 400. A beat without a body says
 * that the user is there now.
 */
export async function readPresence(request: Request): Promise<Presence | Response> {
  const { headers } = request;
  const length = headers.get('content-length');
  if (Number(length ?? 0) > MAX_BODY_BYTES) return tooLarge();
  let bytes: Uint8Array | null;
  let text = '';
  try {
    if (length !== null) bytes = await readWhole(request, MAX_BODY_BYTES);
    else bytes = request.body === null ? new Uint8Array() : await readAtMost(request.body, MAX_BODY_BYTES);
    if (bytes) text = utf8.decode(bytes);
  } catch {
    return badRequest();
  }
  if (bytes === null) return tooLarge();
  if (text === '') return { activity: 'user', idleMs: 0 };
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return problem(415, 'unsupported_type', 'A beat is application/json');
  return parse(text) ?? badRequest();
}
