import { describe, expect, it } from 'vitest';
import { clientAddress, parseProxies } from './client-address.js';

const proxies = parseProxies(['10.0.0.0/8', '192.0.2.7', 'fd00::/8']);

describe('clientAddress', () => {
  it('takes the last address that is not a proxy', () => {
    expect(clientAddress('10.0.0.1', '203.0.113.9, 10.1.1.1', proxies)).toBe('203.0.113.9');
  });

  it('takes no word of a peer that is not a trusted proxy', () => {
    expect(clientAddress('198.51.100.1', '203.0.113.9', proxies)).toBeNull();
    expect(clientAddress(undefined, '203.0.113.9', proxies)).toBeNull();
  });

  it('ignores what the visitor wrote before the proxies did (forged X-Forwarded-For)', () => {
    expect(clientAddress('10.0.0.1', '1.2.3.4, 203.0.113.9', proxies)).toBe('203.0.113.9');
    expect(clientAddress('10.0.0.1', '10.9.9.9, 203.0.113.9, 192.0.2.7', proxies)).toBe('203.0.113.9');
  });

  it('reads IPv4 peers of a socket that listens on both families', () => {
    expect(clientAddress('::ffff:10.0.0.1', '::ffff:203.0.113.9', proxies)).toBe('203.0.113.9');
  });

  it('counts the 64 bits of IPv6 that one customer has as one visitor', () => {
    const one = clientAddress('fd00::1', '2001:db8:0:7::1', proxies);
    expect(one).toBe(clientAddress('fd00::1', '2001:0db8::7:ffff:0:0:9', proxies));
    expect(one).not.toBe(clientAddress('fd00::1', '2001:db8:0:8::1', proxies));
  });

  it('takes nothing that is no address', () => {
    expect(clientAddress('10.0.0.1', 'unknown', proxies)).toBeNull();
    expect(clientAddress('10.0.0.1', '', proxies)).toBeNull();
  });
});

describe('parseProxies', () => {
  it.each(['proxy.example', '10.0.0.0/33', '10.0.0.1/', '10.0.0.1/8/8', 'fd00::/129', ''])('refuses %j', (entry) => {
    expect(() => parseProxies([entry])).toThrow(TypeError);
  });
});
