/** The longest `returnTo` that is kept, in characters. It is sent sealed in `state`. */
const MAX_LENGTH = 1024;

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * Returns the address to go to after the login: `returnTo` as an absolute URL, if it stays on
 * `appOrigin` and outside `mount`, otherwise the application's root. A path alone could leave the
 * site: `/..//evil.example` resolves to the path `//evil.example`, which a browser reads as another
 * host.
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
  // The start is compared too, because the origin of a `blob:` address is that of the address in
  // it.
  if (url.origin !== appOrigin || !url.href.startsWith(home) || url.href.length > MAX_LENGTH) return home;
  // An address in the mount could start another login. The router decodes paths, so the comparison
  // does too.
  const inside = [url.pathname, decoded(url.pathname)].some((path) => mount && `${path}/`.startsWith(`${mount}/`));
  return inside ? home : url.href;
}
