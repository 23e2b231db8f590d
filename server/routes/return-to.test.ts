import { describe, expect, it } from 'vitest';
import { safeReturnTo } from './return-to.js';

const place = { appOrigin: 'https://app.example', mount: '/auth' };
const to = (returnTo: string | undefined): string => safeReturnTo(returnTo, place);

describe('safeReturnTo', () => {
  it('keeps a path of the application, with its query and fragment', () => {
    expect(to('/form?id=3#name')).toBe('https://app.example/form?id=3#name');
    expect(to('https://app.example/form')).toBe('https://app.example/form');
  });

  it('goes to the root without one', () => {
    expect(to(undefined)).toBe('https://app.example/');
    expect(to('')).toBe('https://app.example/');
  });

  it.each([
    ['another origin', 'https://evil.example/'],
    ['another scheme', 'http://app.example/'],
    ['a script', 'javascript:alert(1)'],
    ['a path that is a host', '//evil.example'],
    ['backslashes that browsers read as slashes', '/\\evil.example'],
    ['a tab between slashes', '/\t/evil.example'],
    ['a user before the host', 'https://app.example@evil.example/'],
    ['an address of a blob, whose origin is that of the page', 'blob:https://app.example/form'],
    ['a user at the right host', 'https://user:secret@app.example/'],
    ['an address that cannot be read', 'https://['],
    ['more than 1 KB', `/${'a'.repeat(1_100)}`],
    ['1 KB that grows when it is encoded', `/${'é'.repeat(1_000)}`],
  ])('refuses %s', (_, returnTo) => {
    expect(to(returnTo)).toBe('https://app.example/');
  });

  it('answers /..//evil.example as an absolute address, since its path alone leaves the site', () => {
    expect(to('/..//evil.example')).toBe('https://app.example//evil.example');
  });

  it.each(['/auth', '/auth/', '/auth/login', '/auth/../auth/login', '/%61uth/login', '/auth?x'])(
    'refuses %s, which is inside the mount',
    (returnTo) => {
      expect(to(returnTo)).toBe('https://app.example/');
    },
  );

  it('keeps a path that only begins like the mount', () => {
    expect(to('/authors')).toBe('https://app.example/authors');
  });
});
