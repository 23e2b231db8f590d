import type { MiddlewareHandler } from 'hono';

/**
 * The strictest policy that the demo needs: no inline script or style, and only the policy
 * `stillhere` may make a script's URL. A form may go on to the provider, which ends its session too
 * at a sign-out.
 */
function contentSecurityPolicy(providerOrigin: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "frame-src 'self'",
    `form-action 'self' ${providerOrigin}`,
    "base-uri 'none'",
    "frame-ancestors 'self'",
    "require-trusted-types-for 'script'",
    'trusted-types stillhere',
  ].join('; ');
}

/** Security headers for every answer of the demo that has none of its own. */
export function securityHeaders(providerOrigin: () => string): MiddlewareHandler {
  return async function addSecurityHeaders(c, next) {
    await next();
    const { headers } = c.res;
    if (!headers.has('Content-Security-Policy'))
      headers.set('Content-Security-Policy', contentSecurityPolicy(providerOrigin()));
    headers.set('X-Content-Type-Options', 'nosniff');
    if (!headers.has('Referrer-Policy')) headers.set('Referrer-Policy', 'same-origin');
  };
}
