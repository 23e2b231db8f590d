import { describe, expect, it } from 'vitest';
import { clientAddress, parseProxies, readAddress } from './client-address.js';

const proxies = parseProxies(['10.0.0.0/8', '192.0.2.7', 'fd00::/8']);
const keyOf = (forwardedFor: string, peer = '10.0.0.1') => clientAddress(peer, forwardedFor, proxies);
const visitor = (key: string) => ({ kind: 'visitor', key });

describe('readAddress', () => {
  it.each([
    ['203.0.113.10', '203.0.113.10'],
    ['203.0.113.10:40001', '203.0.113.10'],
    [' "203.0.113.10:40001" ', '203.0.113.10'],
    ['::ffff:203.0.113.10', '203.0.113.10'],
    ['::FFFF:cb00:710a', '203.0.113.10'],
    ['0:0:0:0:0:ffff:cb00:710a', '203.0.113.10'],
    ['[::ffff:203.0.113.10]:40001', '203.0.113.10'],
    ['[2001:DB8:1::1]:40001', '2001:db8:1::1'],
    ['[2001:db8:1:0:0:0:0:1]', '2001:db8:1::1'],
    ['2001:db8:1::1', '2001:db8:1::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['unknown', null],
    ['_hidden', null],
    ['203.0.113', null],
    ['203.000.113.010', null],
    ['203.0.113.10:', null],
    ['[203.0.113.10', null],
    ['client.example', null],
    ['', null],
  ])('reads %j as %j', (text, address) => {
    expect(readAddress(text)).toBe(address);
  });
});

describe('clientAddress', () => {
  it('takes the last address that is not a proxy', () => {
    expect(keyOf('203.0.113.9, 10.1.1.1')).toEqual(visitor('203.0.113.9'));
  });

  it('takes no word of a peer that is not a trusted proxy', () => {
    expect(keyOf('203.0.113.9', '198.51.100.1')).toEqual({ kind: 'untrusted' });
    expect(clientAddress(undefined, '203.0.113.9', proxies)).toEqual({ kind: 'untrusted' });
  });

  it('ignores what the visitor wrote before the proxies did (forged X-Forwarded-For)', () => {
    expect(keyOf('1.2.3.4, 203.0.113.9')).toEqual(visitor('203.0.113.9'));
    expect(keyOf('10.9.9.9, 203.0.113.9, 192.0.2.7')).toEqual(visitor('203.0.113.9'));
    expect(keyOf('10.9.9.9, unknown, 192.0.2.7')).toMatchObject({ kind: 'unreadable' });
  });

  it('knows a trusted proxy that is written with its port, or as IPv6', () => {
    for (const proxy of ['10.1.1.1:443', '[::ffff:10.1.1.1]:443', '::ffff:0a01:101', '[fd00::7]:443'])
      expect(keyOf(`203.0.113.9:1, ${proxy}`)).toEqual(visitor('203.0.113.9'));
  });

  it('reads IPv4 peers of a socket that listens on both families', () => {
    expect(keyOf('::ffff:203.0.113.9', '::ffff:10.0.0.1')).toEqual(visitor('203.0.113.9'));
  });

  it('counts the 64 bits of IPv6 that one customer has as one visitor', () => {
    const one = keyOf('2001:db8:0:7::1', 'fd00::1');
    expect(one).toEqual(keyOf('[2001:0db8::7:ffff:0:0:9]:40001', 'fd00::1'));
    expect(one).not.toEqual(keyOf('2001:db8:0:8::1', 'fd00::1'));
  });

  it('counts a visitor from the network of the proxies by the first address', () => {
    expect(keyOf('10.3.3.3, 10.1.1.1')).toEqual(visitor('10.3.3.3'));
  });

  it('tells apart what is no address by its beginning, and says if there is nothing', () => {
    expect(keyOf('unknown')).toEqual({ kind: 'unreadable', key: 'unknown' });
    expect(keyOf('x'.repeat(5_000))).toEqual({ kind: 'unreadable', key: 'x'.repeat(64) });
    expect(keyOf('')).toEqual({ kind: 'unnamed' });
    expect(keyOf(' , ')).toEqual({ kind: 'unnamed' });
    expect(clientAddress('10.0.0.1', undefined, proxies)).toEqual({ kind: 'unnamed' });
  });
});

describe('parseProxies', () => {
  it.each(['proxy.example', '10.0.0.0/33', '10.0.0.1/', '10.0.0.1/8/8', 'fd00::/129', '::ffff:10.0.0.0/95', ''])(
    'refuses %j',
    (entry) => {
      expect(() => parseProxies([entry])).toThrow(TypeError);
    },
  );

  it.each(['10.0.0.1:443', '::ffff:10.0.0.1', '::ffff:10.0.0.0/104', '0:0:0:0:0:ffff:a00:1', '10.0.0.0/8'])(
    'reads %j',
    (entry) => {
      const own = parseProxies([entry]);
      expect(clientAddress('::ffff:10.0.0.1', '203.0.113.9', own)).toEqual(visitor('203.0.113.9'));
      expect(clientAddress('11.0.0.1', '203.0.113.9', own)).toEqual({ kind: 'untrusted' });
    },
  );
});
