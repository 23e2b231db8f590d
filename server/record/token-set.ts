/** The tokens of a login or a refresh, as the identity provider answered them. */
export interface TokenSet {
  accessToken: string;
  /** Seconds; `null` where the provider did not say. */
  accessTokenExpiresIn: number | null;
  refreshToken: string | null;
  /**
   * Seconds; only a positive number counts (Keycloak's offline tokens say 0 and still idle out).
   */
  refreshExpiresIn: number | null;
  idToken: string | null;
  scope: string | null;
}

/** Who signed in, from the validated ID token. */
export interface Identity {
  issuer: string;
  subject: string;
  /** The provider's `sid`, for back-channel logout. */
  providerSessionId: string | null;
}
