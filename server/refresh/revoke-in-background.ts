import { errorFacts } from '../observe/logger.js';
import { revokeRefreshToken } from '../provider/issuer-access.js';
import type { RefreshContext } from './refresh-context.js';

/** Revokes a refresh token at the provider; no answer waits for it. A failure is logged. */
export function revokeBeside(
  { issuer, beside, logger }: Pick<RefreshContext, 'issuer' | 'beside' | 'logger'>,
  refreshToken: string | null,
): void {
  if (refreshToken === null) return;
  const revoke = async () => revokeRefreshToken(await issuer(), refreshToken);
  beside(
    revoke().catch((error) =>
      logger.warn({ event: 'revoke.fail', ...errorFacts(error) }, 'a refresh token was not revoked'),
    ),
  );
}
