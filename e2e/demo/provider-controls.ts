/** What the token endpoint does instead of answering: 429 with a Retry-After, 500, or nothing at all. */
export type TokenFault = 'none' | 'busy' | 'failing' | 'hanging';

/** The switches of the provider that the demo's buttons press. */
export interface ProviderControls {
  readonly issuer: string;
  /** Refuses connections until it is started again. */
  stop(): Promise<void>;
  start(): Promise<void>;
  setFault(fault: TokenFault): void;
  /** Revokes what was granted to this client: its next refresh is refused. */
  revoke(clientId: string): void;
  /** Refresh grants that the provider made for this client. */
  grants(clientId: string): number;
  readonly state: { running: boolean; busy: boolean };
  close(): Promise<void>;
}

export const KEPT_CLIENT = 'grant-application';
export const ALONE_CLIENT = 'grant-application-alone';
