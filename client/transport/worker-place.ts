import type { ResolvedOptions } from '../options.js';

/**
 * The worker's script and scope. Without a `scope` it is the ready-made worker, which learns its address from its URL and lives at a scope
 * that contains no page; with one it is the application's own, used as it is. Both are absolute: browsers resolve paths against the page's
 * `<base>`, which may be of another origin.
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
