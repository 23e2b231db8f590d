import { expect, it } from 'vitest';
import * as server from '../index.js';
import * as heartbeat from './index.js';
import { userMeta } from './user-meta.js';

it('names the user, or says that the page is rendered for no user', () => {
  expect(userMeta('U1')).toBe('<meta name="stillhere-user" content="U1">');
  expect(userMeta(null)).toBe('<meta name="stillhere-user" content="">');
});

it('lets no user end the attribute or the tag', () => {
  expect(userMeta('"><script>alert(1)</script>&amp;')).toBe(
    '<meta name="stillhere-user" content="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;">',
  );
});

it.each([undefined, '', 7])('refuses %j, which would let the page go unchecked', (user) => {
  expect(() => Reflect.apply(userMeta, undefined, [user])).toThrow(/userMeta takes the user's public id, or null/);
});

it('is there for both kinds of session', () => {
  expect(heartbeat.userMeta).toBe(userMeta);
  expect(server.userMeta).toBe(userMeta);
});
