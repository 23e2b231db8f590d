import type {
  CommonAppOptions,
  KeepaliveAppOptions,
  OidcAppOptions,
  OidcOptions,
  OwnSessionsAppOptions,
} from './app-options.js';

const COMMON = [
  ...(['appOrigin', 'name', 'basePath', 'rateLimit', 'logger', 'meter'] as const),
  ...(['trustedProxies', 'workerFile', 'serviceWorkerAllowed', 'waitUntil'] as const),
] satisfies (keyof CommonAppOptions)[];
const OWN = [...COMMON, 'identify', 'refresh'] satisfies (keyof OwnSessionsAppOptions)[];
const OIDC = [
  ...COMMON,
  ...(['oidc', 'store', 'dataDir', 'redisUrl', 'keys', 'logSubject', 'postLogoutRedirectUri'] as const),
  ...(['idleTimeout', 'absoluteTimeout', 'cookieLifetime', 'refreshAfter', 'refreshTokenIdle'] as const),
] satisfies (keyof OidcAppOptions)[];

const PROVIDER = [
  'issuer',
  'clientId',
  'clientSecret',
  'clientAuthMethod',
  'clientKey',
  'clientKeyId',
  'scope',
  'authParams',
] satisfies (keyof OidcOptions)[];

/**
 * Throws a TypeError for an unknown option. A misspelt one would silently leave a limit at its
 * default.
 */
export function refuseUnknown(options: KeepaliveAppOptions): void {
  const isOidc = 'oidc' in options;
  const known: readonly string[] = isOidc ? OIDC : OWN;
  const inner: object = ('oidc' in options && options.oidc) || {};
  const unknown =
    Object.keys(options).find((option) => !known.includes(option)) ??
    Object.keys(inner)
      .filter((option) => !(PROVIDER as readonly string[]).includes(option))
      .map((option) => `oidc.${option}`)[0];
  if (unknown !== undefined)
    throw new TypeError(`stillhere: there is no option "${unknown}"${isOidc ? '' : ' without "oidc"'}`);
}
