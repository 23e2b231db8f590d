import type { CommonAppOptions, KeepaliveAppOptions, OidcAppOptions, OwnSessionsAppOptions } from './app-options.js';

const COMMON = [
  ...(['appOrigin', 'name', 'basePath', 'rateLimit', 'logger', 'meter'] as const),
  ...(['workerFile', 'serviceWorkerAllowed', 'waitUntil'] as const),
] satisfies (keyof CommonAppOptions)[];
const OWN = [...COMMON, 'identify', 'refresh'] satisfies (keyof OwnSessionsAppOptions)[];
const OIDC = [
  ...COMMON,
  ...(['oidc', 'store', 'dataDir', 'redisUrl', 'keys', 'trustedProxies', 'postLogoutRedirectUri'] as const),
  ...(['idleTimeout', 'absoluteTimeout', 'cookieLifetime', 'refreshAfter', 'refreshTokenIdle'] as const),
] satisfies (keyof OidcAppOptions)[];

/** A TypeError for a name that there is not: one that is misspelt would leave a limit at its default, and nobody would notice. */
export function refuseUnknown(options: KeepaliveAppOptions): void {
  const isOidc = 'oidc' in options;
  const known: readonly string[] = isOidc ? OIDC : OWN;
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown !== undefined)
    throw new TypeError(`stillhere: there is no option "${unknown}"${isOidc ? '' : ' without "oidc"'}`);
}
