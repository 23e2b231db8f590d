import type { Context } from 'hono';
import { html } from 'hono/html';
import { sharedName } from '../contract.js';
import { pageHeaders } from '../hono/page.js';

/**
 * Reads the name of the keepalive of the page that opened the pop-up. `undefined` if there is no
 * valid one.
 */
export const readName = (name: string | undefined): string | undefined =>
  name !== undefined && name.length > 0 && name.length <= 200 ? name : undefined;

/**
 * `GET signed-in`: the page at the end of a login in a pop-up. Its script tells the tabs to ask who
 * is signed in, and closes the window. Without a script the page says what to do. The page that
 * opened the pop-up passes on its `name`, if it has one, because its tabs listen on that channel.
 */
export function signedInPage(context: Context, mount: string): Response | Promise<Response> {
  const channel = sharedName(readName(context.req.query('name')) ?? `${mount}/heartbeat`);
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
