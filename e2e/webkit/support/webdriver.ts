/** The key of an element in WebDriver's JSON (W3C WebDriver, "web element identifier"). */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const ANSWERS_WITHIN_MS = 60_000;
/**
 * How long the driver itself waits for an element that is not there yet; and how long we do for one
 * that is, and is not laid out yet.
 */
const APPEARS_WITHIN_MS = 15_000;

/**
 * The commands of W3C WebDriver that the specs need. One window has the driver's eye at a time:
 * that of `switchTo`.
 */
export interface WebDriver {
  goTo(url: string): Promise<void>;
  url(): Promise<string>;
  /** Runs the body of a function in the page, with `arguments`. */
  run<T>(script: string, ...args: unknown[]): Promise<T>;
  find(selector: string): Promise<string>;
  click(element: string): Promise<void>;
  type(element: string, keys: string): Promise<void>;
  current(): Promise<string>;
  open(type: 'tab' | 'window'): Promise<string>;
  switchTo(handle: string): Promise<void>;
  end(): Promise<void>;
}

/** Starts a browser with a profile of its own, which is gone with it. */
export async function openSession(driver: string, binary: string): Promise<WebDriver> {
  async function call(method: 'GET' | 'POST' | 'DELETE', path: string, body: unknown = {}) {
    const response = await fetch(driver + path, {
      method,
      ...(method === 'POST' && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
    const { value } = await response.json();
    if (!response.ok) {
      const cause = value?.error;
      throw new Error(`WebDriver ${method} ${path}: ${cause}: ${value?.message}`, { cause });
    }
    return value;
  }

  /** A window that has just come to the front may not have laid out what is in it. */
  async function click(id: string): Promise<void> {
    const giveUpAt = Date.now() + APPEARS_WITHIN_MS;
    for (;;) {
      try {
        return await call('POST', `${element(id)}/click`);
      } catch (error) {
        const isEarly = error instanceof Error && error.cause === 'element not interactable';
        if (!isEarly || Date.now() > giveUpAt) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  const { sessionId } = await call('POST', '/session', {
    capabilities: {
      alwaysMatch: {
        // The site's certificate is one that it made for itself.
        acceptInsecureCerts: true,
        'webkitgtk:browserOptions': { binary, args: ['--automation'] },
      },
    },
  });
  const session = `/session/${sessionId}`;
  const element = (id: string) => `${session}/element/${id}`;
  await call('POST', `${session}/timeouts`, { implicit: APPEARS_WITHIN_MS });
  return {
    goTo: (url) => call('POST', `${session}/url`, { url }),
    url: () => call('GET', `${session}/url`),
    run: (script, ...args) => call('POST', `${session}/execute/sync`, { script, args }),
    find: async (value) => (await call('POST', `${session}/element`, { using: 'css selector', value }))[ELEMENT],
    click,
    type: (id, text) => call('POST', `${element(id)}/value`, { text }),
    current: () => call('GET', `${session}/window`),
    open: async (type) => (await call('POST', `${session}/window/new`, { type })).handle,
    switchTo: (handle) => call('POST', `${session}/window`, { handle }),
    end: () => call('DELETE', session),
  };
}
