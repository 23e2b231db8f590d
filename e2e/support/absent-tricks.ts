import type { BrowserContext } from '@playwright/test';

/** How a page loads itself anew every second, without anybody. */
export const RELOADS = {
  'by reload()': () => {
    setTimeout(() => location.reload(), 1_000);
  },
  'by replace()': () => {
    setTimeout(() => location.replace(location.href), 1_000);
  },
  'by its address': () => {
    setTimeout(() => {
      // biome-ignore lint/correctness/noSelfAssign: it loads the page anew.
      location.href = location.href;
    }, 1_000);
  },
  'by a meta refresh': () => {
    addEventListener('DOMContentLoaded', () => {
      const refresh = document.createElement('meta');
      refresh.httpEquiv = 'refresh';
      refresh.content = '1';
      document.head.append(refresh);
    });
  },
};

/** Opens a tab that goes on loading itself. Returns how often it did. */
export async function openReloading(context: BrowserContext, url: string, how: () => void): Promise<() => number> {
  const page = await context.newPage();
  let loads = 0;
  page.on('load', () => {
    loads += 1;
  });
  await page.addInitScript(how);
  await page.goto(url);
  return () => loads;
}

/**
 * Everything that a script can do twice a second to look like somebody, in a page that leaves
 * `focusin` out: a field is focused, events of every type are dispatched, the page scrolls and
 * moves under the pointer, and its server is polled. Where the document has no focus, also what
 * makes the browser fire trusted events: text is inserted, a box is checked.
 */
export function pretend(): void {
  const field = document.querySelector('textarea');
  const box = document.createElement('input');
  box.type = 'checkbox';
  const space = document.createElement('div');
  document.body.prepend(space);
  document.body.append(box);
  document.body.style.minHeight = '300vh';
  let isOdd = false;
  setInterval(() => {
    isOdd = !isOdd;
    field?.blur();
    field?.focus();
    const bubbles = true;
    const init = { bubbles, movementX: 5, movementY: 5, screenX: isOdd ? 1 : 9, clientX: isOdd ? 1 : 9 };
    for (const event of [
      ...['pointerdown', 'pointermove'].map((type) => new PointerEvent(type, init)),
      ...['touchstart', 'touchmove', 'paste', 'drop', 'scroll', 'online'].map((type) => new Event(type, { bubbles })),
      new KeyboardEvent('keydown', { bubbles, key: 'a' }),
      new WheelEvent('wheel', { bubbles, deltaY: 10 }),
      new InputEvent('input', { bubbles, data: 'a', inputType: 'insertText' }),
      new CompositionEvent('compositionupdate', { bubbles, data: 'a' }),
      new FocusEvent('focusin', { bubbles }),
    ]) {
      // In the field that has the focus this one may be an extension's, which types for people: it
      // counts for a while.
      (event.type === 'input' ? space : (field ?? document)).dispatchEvent(event);
      window.dispatchEvent(event);
    }
    for (const type of ['visibilitychange', 'resume']) document.dispatchEvent(new Event(type));
    scrollTo(0, isOdd ? 200 : 0);
    space.style.height = isOdd ? '40px' : '0';
    void fetch('/demo/me');
    if (document.hasFocus()) return;
    document.execCommand('insertText', false, 'a');
    box.click();
    document.body.dataset.trusted = 'true';
  }, 500);
}
