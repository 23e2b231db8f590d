import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const lines = (path: string): string[] =>
  readFileSync(new URL(path, import.meta.url), 'utf8')
    .split('\n')
    .map((line) => line.trim());

it('runs, line for line, what the docs show', () => {
  const run = new Set(['worker.js', 'worker-with-keepalive.js', 'page.ts'].flatMap(lines));
  const text = lines('../../../docs/own-worker.md').join('\n');
  const examples = [...text.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, code = '']) => code);
  expect(examples).toHaveLength(3);
  expect(examples.flatMap((code) => code.split('\n')).filter((line) => !run.has(line))).toEqual([]);
});
