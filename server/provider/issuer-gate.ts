/** What this process knows of the provider's health, across sessions. */
export interface IssuerGate {
  /** The provider is not asked for that long. */
  close(seconds: number): void;
  /** Seconds until it may be asked again; 0 if now. */
  closedFor(): number;
  /**
   * It answered a session's request as OAuth asks: with tokens, or with an OAuth error about that
   * session's token.
   */
  answered(key: string): void;
  /** When it last answered another session so; negative infinity if this process saw none. */
  answeredOtherAt(key: string): number;
}

export function createIssuerGate(now: () => number): IssuerGate {
  let closedAt = 0;
  let openAt = 0;
  let last = { key: '', at: Number.NEGATIVE_INFINITY };
  /** The last answer to another session than `last`. */
  let lastOther = last;
  /**
   * A clock that was set back since cannot tell how much is left: it would keep the provider closed
   * for as long as it was set back.
   */
  const closedFor = (): number => (now() < closedAt ? 0 : Math.max(0, (openAt - now()) / 1000));
  return {
    close(seconds) {
      openAt = now() + Math.max(closedFor(), seconds) * 1000;
      closedAt = now();
    },
    closedFor,
    answered(key) {
      if (key !== last.key) lastOther = last;
      last = { key, at: now() };
    },
    answeredOtherAt: (key) => (last.key === key ? lastOther : last).at,
  };
}
