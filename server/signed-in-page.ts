import type { Context } from 'hono';
import { html } from 'hono/html';
import { pageHeaders } from './page.js';

/**
 * `GET signed-in`: where a login in a pop-up ends. Its script tells the tabs to look who is signed in and closes the window; without
 * script it says what to do. `channel` is the BroadcastChannel of the engine.
 */
export function signedInPage(context: Context, mount: string, channel: string): Response | Promise<Response> {
  const body = html`<!doctype html>
<html lang="en" data-channel="${channel}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Signed in</title>
<p>You are signed in. You can close this window.</p>
<script src="${mount}/signed-in.js"></script>
</html>
`;
  return context.html(body, 200, pageHeaders(true));
}
