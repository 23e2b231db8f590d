/** The provider's health, as this process knows it from all sessions. */
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
   * If the clock was set back, it does not tell how much time is left. The provider would stay
   * closed for as long as the clock was set back.
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
