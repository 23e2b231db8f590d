import type { TestProvider } from '../dev-provider/provider.js';

/** What the provider says to a session's refresh token, asked without the service. */
export async function refreshAtProvider(
  { issuer }: TestProvider,
  { refreshToken }: { refreshToken: string | null },
): Promise<object> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '' });
  const headers = { authorization: `Basic ${Buffer.from('app:secret').toString('base64')}` };
  const response = await fetch(`${issuer}/token`, { method: 'POST', headers, body });
  return (await response.json()) as object;
}
