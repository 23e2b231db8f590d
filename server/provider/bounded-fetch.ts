import { readAtMost } from '../http/read-at-most.js';

/**
 * The longest answer of a provider that is read, in bytes: tokens, metadata and keys take some
 * kilobytes.
 */
export const MAX_ANSWER_BYTES = 1_048_576;

/** A provider's answer was too long. The provider may have carried out the request. */
export class AnswerTooLongError extends Error {
  readonly code = 'ANSWER_TOO_LONG';
  override readonly name = 'AnswerTooLongError';
}

/**
 * A `fetch` for requests to the provider. It reads the whole answer, up to 1 MiB, before the
 * promise resolves, so that the request's signal limits the time of reading too. Rejects with an
 * `AnswerTooLongError` if the answer is longer, and does not read the rest.
 */
export async function boundedFetch(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.body) return response;
  const bytes = await readAtMost(response.body, MAX_ANSWER_BYTES);
  if (!bytes) throw new AnswerTooLongError('The identity provider answered more than 1 MiB');
  return new Response(bytes, response);
}
