/** What this process knows of the provider's health, across sessions. */
export interface IssuerGate {
  /** Nobody asks the provider for that long. */
  close(seconds: number): void;
  /** Seconds until it may be asked again; 0 if now. */
  closedFor(): number;
  /** It answered as OAuth asks. */
  answered(): void;
  lastAnswerAt(): number;
}

export function createIssuerGate(now: () => number): IssuerGate {
  let closedAt = 0;
  let openAt = 0;
  let answeredAt = 0;
  /** A clock that was set back since cannot tell how much is left: it would keep the provider closed for as long as it was set back. */
  const closedFor = (): number => (now() < closedAt ? 0 : Math.max(0, (openAt - now()) / 1000));
  return {
    close(seconds) {
      openAt = now() + Math.max(closedFor(), seconds) * 1000;
      closedAt = now();
    },
    closedFor,
    answered() {
      answeredAt = now();
    },
    lastAnswerAt: () => answeredAt,
  };
}
