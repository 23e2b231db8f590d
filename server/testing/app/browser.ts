/** Whatever answers requests to the application's origin: a Hono app. */
interface Application {
  request(url: string, init?: RequestInit): Response | Promise<Response>;
}

export interface Visit {
  response: Response;
  url: string;
  /** Every address on the way, the last one included. */
  path: string[];
}

/**
 * As much of a browser as a login needs: cookies per host, and redirects followed between the
 * application (called directly) and the provider (over HTTP). Cookie attributes other than
 * `Max-Age=0` are not looked at: tests read them from the answers.
 */
export function createBrowser(app: Application, appOrigin: string) {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string): Map<string, string> => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };

  /** One request, no redirects followed. */
  async function send(address: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address, appOrigin).href;
    const jar = jarOf(url);
    const headers = new Headers(init.headers);
    if (jar.size && !headers.has('cookie'))
      headers.set('Cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const request = { ...init, headers, redirect: 'manual' } as const;
    const response = await (url.startsWith(`${appOrigin}/`) ? app.request(url, request) : fetch(url, request));
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const gone = attributes.some((attribute) => /^(max-age=0|expires=Thu, 01 Jan 1970)/i.test(attribute));
      if (gone) jar.delete(name);
      else jar.set(name, pair.slice(name.length + 1));
    }
    return response;
  }

  /** Goes to an address and follows redirects until `stopAt` or a page. */
  async function go(address: string, stopAt?: (url: string) => boolean): Promise<Visit> {
    let url = new URL(address, appOrigin).href;
    const path = [url];
    for (let hop = 0; hop < 20; hop++) {
      const response = await send(url);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || !location) return { response, url, path };
      url = new URL(location, url).href;
      path.push(url);
      if (stopAt?.(url)) return { response, url, path };
    }
    throw new Error(`too many redirects: ${path.join(' ')}`);
  }

  return { send, go, cookies: () => jarOf(appOrigin) };
}

export type Browser = ReturnType<typeof createBrowser>;
