import { readAtMost } from '../http/read-at-most.js';

/**
 * The longest answer of a provider that is read, in bytes: tokens, metadata and keys take some
 * kilobytes.
 */
export const MAX_ANSWER_BYTES = 1_048_576;

/** An answer was longer than any of a provider is. The request itself may have been carried out. */
export class AnswerTooLongError extends Error {
  readonly code = 'ANSWER_TOO_LONG';
  override readonly name = 'AnswerTooLongError';
}

/**
 * `fetch` for requests to the provider: an answer is read whole, up to 1 MiB, before the promise
 * resolves, so that the request's signal bounds its time as well. Rejects with an
 * `AnswerTooLongError` for a longer one, of which the rest is not read.
 */
export async function boundedFetch(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.body) return response;
  const bytes = await readAtMost(response.body, MAX_ANSWER_BYTES);
  if (!bytes) throw new AnswerTooLongError('The identity provider answered more than 1 MiB');
  return new Response(bytes, response);
}
