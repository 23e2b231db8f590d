/** The tokens of a login or a refresh, as the identity provider has sent them. */
export interface TokenSet {
  accessToken: string;
  /** Seconds. `null` if the provider did not tell. */
  accessTokenExpiresIn: number | null;
  refreshToken: string | null;
  /**
   * Seconds; only a positive number counts (Keycloak's offline tokens say 0 and still idle out).
   */
  refreshExpiresIn: number | null;
  idToken: string | null;
  scope: string | null;
}

/** The user who has signed in, from the validated ID token. */
export interface Identity {
  issuer: string;
  subject: string;
  /** The provider's `sid`, for back-channel logout. */
  providerSessionId: string | null;
}
