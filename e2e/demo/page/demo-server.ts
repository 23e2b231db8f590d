/** What the demo's server counts and what its provider does just now. */
export interface DemoStatus {
  provider: { running: boolean; busy: boolean };
  beats: { kept: number; alone: number };
  grants: { kept: number; alone: number };
}

/** Asks the demo's server; `null` where it does not answer. */
export async function readStatus(): Promise<DemoStatus | null> {
  try {
    const response = await fetch('/demo/status');
    return response.ok ? ((await response.json()) as DemoStatus) : null;
  } catch {
    return null;
  }
}

/**
 * The visitor's name, as the provider knows it; `null` where the session is over or nobody answers.
 */
export async function readName(): Promise<string | null> {
  try {
    const response = await fetch('/demo/me');
    return response.ok ? ((await response.json()) as { name: string }).name : null;
  } catch {
    return null;
  }
}

/** Presses one of the demo's switches. Resolves to whether it worked. */
export async function press(path: string): Promise<boolean> {
  try {
    const response = await fetch(`/demo/${path}`, { method: 'POST', headers: { 'X-Stillhere-Demo': '1' } });
    return response.ok;
  } catch {
    return false;
  }
}
