import type { Page } from '@playwright/test';

/** Roles that mean nothing without a name. */
const NAMED_ROLES =
  'alertdialog|button|checkbox|combobox|dialog|img|link|navigation|progressbar|radio|region|table|textbox|toolbar';

/**
 * Looks for what a designer would: a page that scrolls sideways, text that is cut off, controls
 * that overlap or are too small to hit, and text that is too faint. Resolves to one line for each
 * fault. Measures what is on the page now, covered or not.
 */
export const auditLayout = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const faults: string[] = [];
    const nameOf = (e: Element): string => {
      const text = (e.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 30);
      return `${e.localName}${e.id ? `#${e.id}` : ''} "${text}"`;
    };
    const isHtml = (e: Element): e is HTMLElement => e instanceof HTMLElement;
    const shown = [...document.body.querySelectorAll('*')].filter(
      (e) =>
        e.checkVisibility({ visibilityProperty: true }) &&
        e.getClientRects().length > 0 &&
        // Shown to screen readers only, or only with the focus.
        !e.closest('.visually-hidden, .skip-link, .who-label'),
    );

    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) faults.push(`the page is ${scrollWidth} px wide`);
    for (const e of shown.filter(isHtml)) {
      const { left, right } = e.getBoundingClientRect();
      if (left < -1 || right > innerWidth + 1) faults.push(`outside of the page: ${nameOf(e)}`);
      if (e.matches('input, textarea, select, progress, iframe')) continue;
      const { display, overflowX, overflowY } = getComputedStyle(e);
      if (display === 'inline') continue;
      if (e.scrollWidth > e.clientWidth + 1 && overflowX !== 'auto') faults.push(`cut off: ${nameOf(e)}`);
      if (e.scrollHeight > e.clientHeight + 1 && overflowY === 'hidden') faults.push(`cut off below: ${nameOf(e)}`);
    }

    const controls = shown.filter((e) => e.matches('a[href], button, input, select, textarea, iframe'));
    const layerOf = (e: Element): Element | null => e.closest('.warning, .strip, dialog, .veil');
    controls.forEach((a, i) => {
      const p = a.getBoundingClientRect();
      if (p.width < 24 || p.height < 24) faults.push(`hard to hit: ${nameOf(a)}`);
      for (const b of controls.slice(i + 1)) {
        if (layerOf(a) !== layerOf(b)) continue;
        const q = b.getBoundingClientRect();
        const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
        const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
        if (across > 1 && down > 1) faults.push(`overlap: ${nameOf(a)} and ${nameOf(b)}`);
      }
    });

    type Colour = readonly [number, number, number, number];
    const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const parse = (colour: string): Colour => {
      if (!brush) throw new Error('no canvas');
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = brush.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const blend = (top: Colour, below: Colour): Colour => {
      const mix = (i: 0 | 1 | 2): number => top[i] * top[3] + below[i] * (1 - top[3]);
      return [mix(0), mix(1), mix(2), 1];
    };
    /** Relative luminance and contrast as WCAG 2.2 defines them. */
    const luminance = ([r, g, b]: Colour): number => {
      const linear = (v: number): number => (v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const contrast = (a: Colour, b: Colour): number => {
      const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
      return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
    };
    const behind = (e: Element | null): Colour => {
      if (!e) return [255, 255, 255, 1];
      const own = parse(getComputedStyle(e).backgroundColor);
      return own[3] === 1 ? own : blend(own, behind(e.parentElement));
    };
    for (const e of shown) {
      const isField = e.matches('input, select, textarea');
      const hasText = [...e.childNodes].some((node) => node instanceof Text && node.data.trim() !== '');
      if ((!hasText && !isField) || e.matches(':disabled')) continue;
      const style = getComputedStyle(e);
      const ground = behind(e);
      const ratio = contrast(blend(parse(isHtml(e) ? style.color : style.fill), ground), ground);
      const size = Number.parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (isLarge ? 3 : 4.5)) faults.push(`faint, ${ratio.toFixed(1)}: ${nameOf(e)}`);
      if (!isField) continue;
      const edge = contrast(blend(parse(style.borderTopColor), behind(e.parentElement)), behind(e.parentElement));
      if (edge < 3) faults.push(`faint edge, ${edge.toFixed(1)}: ${nameOf(e)}`);
    }
    return [...new Set(faults)];
  });

/** Controls, pictures and landmarks that a screen reader has no name for. */
export async function findUnnamed(page: Page): Promise<string[]> {
  const lines = (await page.locator('body').ariaSnapshot()).split('\n').map((line) => line.trim());
  const unnamed = new RegExp(`^- (${NAMED_ROLES})(?! ")\\b`);
  const frames = await page.locator('iframe:not([title])').count();
  return [...lines.filter((line) => unnamed.test(line)), ...Array.from({ length: frames }, () => 'a frame')];
}
