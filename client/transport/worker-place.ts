import type { ResolvedOptions } from '../options.js';

/**
 * Returns the worker's script and scope as absolute URLs, because browsers resolve paths against
 * the page's `<base>`, which may be of another origin. Without the option `scope` it is the
 * ready-made worker, which learns its address from its URL and lives at a scope that contains no
 * page. With `scope` it is the application's own worker, used as it is.
 */
export function workerPlace({ worker, scope, name, endpoint, statusEndpoint }: ResolvedOptions): {
  script: string;
  scope: string;
} {
  const url = new URL(worker as string, location.href);
  if (scope) return { script: url.href, scope: new URL(scope, location.href).href };
  url.search = `${new URLSearchParams({ name, endpoint, status: statusEndpoint ?? '' })}`;
  // Browsers refuse an encoded slash in a scope.
  return {
    script: url.href,
    scope: new URL(`stillhere-scope/${encodeURIComponent(name).replaceAll('%', '~')}/`, url).href,
  };
}
