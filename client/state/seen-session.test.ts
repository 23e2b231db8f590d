import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resolveOptions } from '../options.js';
import { type FakePage, fakePage } from '../testing/fake-page.js';
import type { KeepaliveOptions } from '../types.js';
import { createSeen } from './seen-session.js';

let page: FakePage;
const errors: unknown[] = [];

beforeEach(() => {
  page = fakePage();
  errors.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const seen = (options: KeepaliveOptions = {}) => createSeen(resolveOptions(options), (error) => errors.push(error));

it('knows nothing by the absence of a cookie that this device has never had', () => {
  expect(seen().read()).toBe(undefined);
  expect(seen({ cookie: 'sid' }).read()).toBe(undefined);
});

it('takes an absent cookie for signed out on a device that has had it, in later pages too', () => {
  const tab = seen();
  page.document.cookie = 'a=b; stillhere-session=S1';
  expect(tab.read()).toBe('S1');
  page.document.cookie = 'a=b';
  expect([tab.read(), seen().read()]).toEqual([null, null]);
  expect(seen({ name: 'another application' }).read()).toBe(undefined);
  // The application has given its cookie another name since.
  expect(seen({ cookie: 'renamed' }).read()).toBe(undefined);
});

it('takes an absent cookie for signed out once the server has named it', () => {
  const tab = seen();
  tab.expect('another');
  tab.expect(undefined);
  expect(tab.read()).toBe(undefined);
  tab.expect('stillhere-session');
  expect([tab.read(), seen().read()]).toEqual([null, null]);
});

it('takes an empty cookie for signed out', () => {
  page.document.cookie = 'stillhere-session=';
  expect(seen().read()).toBe(null);
});

it('takes no empty cookie that a sibling domain has set for signed out beside the one of a session', () => {
  for (const cookies of ['stillhere-session=; stillhere-session=S1', 'stillhere-session=S1; stillhere-session=']) {
    page.document.cookie = cookies;
    expect(seen().read()).toBe('S1');
  }
});

it('remembers the cookie for the page at least if storage is denied', () => {
  const denied = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  vi.stubGlobal('localStorage', { getItem: denied, setItem: denied });
  const tab = seen();
  expect(tab.read()).toBe(undefined);
  page.document.cookie = 'stillhere-session=S1';
  expect(tab.read()).toBe('S1');
  page.document.cookie = '';
  expect(tab.read()).toBe(null);
});

it('does not take a page without private data for signed out: its user may have a session that no cookie tells of', () => {
  page.meta = { content: '' };
  expect(seen().read()).toBe(undefined);
  page.document.cookie = 'stillhere-session=S1';
  expect(seen().read()).toBe('S1');
});

it("reads the page's owner from the option, from a function at each time, or from the page", () => {
  let user: string | null = 'U1';
  const asks = seen({ renderedFor: () => user });
  expect([seen().owner(), seen({ renderedFor: 'U1' }).owner(), asks.owner()]).toEqual([undefined, 'U1', 'U1']);
  user = null;
  expect(asks.owner()).toBe(null);
  page.meta = { content: 'U2' };
  expect([seen().owner(), seen({ renderedFor: null }).owner(), asks.owner()]).toEqual(['U2', null, null]);
});

it('takes an empty text for no user, wherever it is said', () => {
  expect([seen({ renderedFor: '' }).owner(), seen({ renderedFor: () => '' }).owner()]).toEqual([null, null]);
  page.meta = { content: '' };
  expect(seen().owner()).toBe(null);
});

it('takes a function that throws, or gives something else, for one that does not know', () => {
  const thrown = new Error('not ready');
  const fails = () => {
    throw thrown;
  };
  expect([seen({ session: fails }).read(), seen({ renderedFor: fails }).owner()]).toEqual([undefined, undefined]);
  expect(Reflect.apply(seen, undefined, [{ renderedFor: () => 7 }]).owner()).toBe(undefined);
  expect(errors).toEqual([thrown, thrown, 'number']);
});
