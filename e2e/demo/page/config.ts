/** What the demo's server tells its pages. Durations are milliseconds. */
export interface DemoConfig {
  idleMs: number;
  accessTokenMs: number;
  intervalMs: number;
  activeWindowMs: number;
  warnBeforeMs: number;
  /** Whether the provider is the embedded one, which can be stopped and made to refuse. */
  embeddedProvider: boolean;
}

/** Reads the configuration that the server wrote into the page. */
export function readConfig(): DemoConfig {
  const content = document.querySelector<HTMLMetaElement>('meta[name="demo-config"]')?.content ?? '';
  return JSON.parse(content) as DemoConfig;
}

/** Writes the configured durations into the page's sentences. */
export function fillDurations(config: DemoConfig): void {
  for (const element of document.querySelectorAll('[data-config="idle"]')) {
    element.textContent = `${Math.round(config.idleMs / 1000)} seconds`;
  }
}
