/** Longest `returnTo` that is kept, in characters: it travels sealed in `state`. */
const MAX_LENGTH = 1024;

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Where to go after the login: `returnTo` as an absolute URL if it stays on `appOrigin` and outside
 * `mount`, else the application's root. Always the absolute `href`: the path alone can leave the
 * site, since `/..//evil.example` resolves to the path `//evil.example`, which a browser reads as
 * another host.
 */
export function safeReturnTo(
  returnTo: string | undefined,
  { appOrigin, mount }: { appOrigin: string; mount: string },
): string {
  const home = `${appOrigin}/`;
  if (!returnTo || returnTo.length > MAX_LENGTH) return home;
  let url: URL;
  try {
    url = new URL(returnTo, home);
  } catch {
    return home;
  }
  // The start of it too: the origin of a `blob:` address is that of the address inside.
  if (url.origin !== appOrigin || !url.href.startsWith(home) || url.href.length > MAX_LENGTH) return home;
  // Into the mount means a login that starts a login; the router decodes paths, so the comparison
  // does too.
  const inside = [url.pathname, decoded(url.pathname)].some((path) => mount && `${path}/`.startsWith(`${mount}/`));
  return inside ? home : url.href;
}
