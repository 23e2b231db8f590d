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
  let openAt = 0;
  let answeredAt = 0;
  return {
    close(seconds) {
      openAt = Math.max(openAt, now() + seconds * 1000);
    },
    closedFor: () => Math.max(0, (openAt - now()) / 1000),
    answered() {
      answeredAt = now();
    },
    lastAnswerAt: () => answeredAt,
  };
}
