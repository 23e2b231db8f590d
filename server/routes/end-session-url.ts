import type { RouteContext } from './route-context.js';

/**
 * How long a logout waits for the provider's metadata, in milliseconds. Signing out must not depend
 * on the provider.
 */
const METADATA_PATIENCE_MS = 2_000;
/**
 * The longest `Location`, in bytes. Proxies commonly accept 4 KiB for all headers of an answer
 * (nginx: `proxy_buffer_size`), and servers 8 KiB for a request's first line. With more the user
 * would see an error page, and would stay signed in at the provider.
 */
const MAX_LOCATION_BYTES = 3_072;

/**
 * Returns the provider's end-session endpoint, or `null` if it has none or its metadata do not come
 * in time.
 */
export async function endSessionEndpoint({ provider }: Pick<RouteContext, 'provider'>): Promise<URL | null> {
  const patience = new Promise<null>((resolve) => {
    setTimeout(resolve, METADATA_PATIENCE_MS, null).unref();
  });
  const access = await Promise.race([provider.access().catch(() => null), patience]);
  const endpoint = access?.server.end_session_endpoint;
  return endpoint && URL.canParse(endpoint) ? new URL(endpoint) : null;
}

/**
 * Makes the address that ends the provider's session (OpenID Connect RP-Initiated Logout section
 * 2). A hint that makes it too long is left out. Then the provider asks the user, and knows the
 * application by `client_id`.
 */
export function endSessionUrl(
  { provider, postLogoutRedirectUri }: Pick<RouteContext, 'provider' | 'postLogoutRedirectUri'>,
  endpoint: URL,
  idToken: string | null,
): string {
  const url = new URL(endpoint);
  url.searchParams.set('client_id', provider.settings.clientId);
  if (postLogoutRedirectUri) url.searchParams.set('post_logout_redirect_uri', postLogoutRedirectUri);
  if (idToken === null) return url.href;
  const hinted = new URL(url);
  hinted.searchParams.set('id_token_hint', idToken);
  return hinted.href.length <= MAX_LOCATION_BYTES ? hinted.href : url.href;
}
