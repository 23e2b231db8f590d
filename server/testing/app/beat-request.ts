export const appOrigin = 'https://app.example';
/** What the application's own pages send. */
export const OURS = { 'X-Stillhere': '1', 'Sec-Fetch-Site': 'same-origin' };
export const JSON_TYPE = { 'Content-Type': 'application/json' };

/** A beat, as it arrives. */
export function post(headers: Record<string, string> = OURS, body?: string): Request {
  const init = { method: 'POST', headers };
  return new Request(`${appOrigin}/auth/heartbeat`, body === undefined ? init : { ...init, body });
}
