/**
 * What the token endpoint does instead of answering: 429 with a Retry-After, 500, nothing at all,
 * or it waits and answers when the fault ends.
 */
export type TokenFault = 'none' | 'busy' | 'failing' | 'hanging' | 'held';

/** The switches of the provider that the demo's buttons press. */
export interface ProviderControls {
  readonly issuer: string;
  /** Refuses connections until it is started again. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** The same for every request, or what is decided for each. */
  setFault(fault: TokenFault | (() => TokenFault | Promise<TokenFault>)): void;
  /** Revokes what was granted to this client: its next refresh is refused. */
  revoke(clientId: string): void;
  /**
   * When the provider made refresh grants for this client. Instants are milliseconds since the
   * epoch.
   */
  grants(clientId: string): readonly number[];
  /** When somebody asked its token endpoint, whatever came of it. */
  readonly tokenRequests: readonly number[];
  readonly state: { running: boolean; busy: boolean };
  close(): Promise<void>;
}

export const KEPT_CLIENT = 'grant-application';
export const ALONE_CLIENT = 'grant-application-alone';
