import { describe, expect, it } from 'vitest';
import { DEMO_DEFAULTS, readSettings } from './settings.js';

describe('the settings of the demo', () => {
  it('has a pace that shows an end within a minute', () => {
    expect(readSettings({})).toEqual(DEMO_DEFAULTS);
  });

  it('reads seconds and ports', () => {
    expect(readSettings({ PORT: '0', IDLE_TIMEOUT: '9', BEAT_INTERVAL: '0.5' })).toMatchObject({
      port: 0,
      idleTimeoutSeconds: 9,
      beatIntervalSeconds: 0.5,
    });
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', '1.5'],
    ['PROVIDER_PORT', 'any'],
    ['ACCESS_TOKEN_TTL', '20s'],
    ['IDLE_TIMEOUT', '-1'],
    ['IDLE_TIMEOUT', '5'],
    ['WARN_BEFORE', 'soon'],
    ['REFRESH_TOKEN_IDLE', '9.5'],
    ['REFRESH_TOKEN_IDLE', '10'],
    ['WARN_BEFORE', '45'],
    ['OIDC_ISSUER', 'localhost'],
    ['OIDC_AUTH_PARAMS', 'state=1'],
    ['APP_ORIGIN', 'https://app.example/path'],
    ['APP_ORIGIN', 'https://app.example'],
    ['SESSION_KEYS', 'short'],
    ['STORE', 'disk'],
    ['HOST', 'not a host'],
  ])('names %s where it is %s', (name, value) => {
    expect(() => readSettings({ [name]: value })).toThrow(new RegExp(`\\b${name}\\b`));
  });

  it('hands on what only a foreign provider needs', () => {
    const settings = readSettings({
      OIDC_ISSUER: 'https://id.example',
      OIDC_CLIENT_ID: 'app',
      OIDC_AUTH_PARAMS: 'prompt=consent',
    });
    expect(settings).toMatchObject({
      issuer: 'https://id.example',
      clientId: 'app',
      clientSecret: null,
      authParams: { prompt: 'consent' },
    });
  });

  it('asks for the client where a provider is named', () => {
    expect(() => readSettings({ OIDC_ISSUER: 'https://id.example' })).toThrow(/OIDC_CLIENT_ID/);
  });
});
