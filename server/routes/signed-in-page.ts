import type { Context } from 'hono';
import { html } from 'hono/html';
import { sharedName } from '../contract.js';
import { pageHeaders } from '../hono/page.js';

/**
 * The name of a page's keepalive, which its pop-up brought along; `undefined` for none that can be
 * one.
 */
export const readName = (name: string | undefined): string | undefined =>
  name !== undefined && name.length > 0 && name.length <= 200 ? name : undefined;

/**
 * `GET signed-in`: where a login in a pop-up ends. Its script tells the tabs to look who is signed
 * in and closes the window; without script it says what to do. The page that opened the pop-up says
 * its `name`, if it has one of its own: its tabs listen on that channel.
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
