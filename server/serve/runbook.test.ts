import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { LOG_EVENTS } from '../observe/log-events.js';

const here = fileURLToPath(new URL('..', import.meta.url));
const runbook = readFileSync(join(here, '../docs/operations.md'), 'utf8');

const files = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /(?<!\.test)\.ts$/.test(file) && !/^(testing|dev-provider)/.test(file),
);

it('the runbook names every warning and error that the ready-made server may log', () => {
  const messages = files
    // What an application's own callbacks do is no matter of the ready-made server's.
    .filter((file) => !file.startsWith('heartbeat/') && file !== 'observe/outlive-response.ts')
    .flatMap((file) => [
      ...readFileSync(join(here, file), 'utf8').matchAll(/(?:logger\.(?:warn|error)|logFailure)\(([\s\S]*?)\);?\n/g),
    ])
    .flatMap(([, args = '']) => [...args.matchAll(/'(\w[^']* [^']*)'/g)])
    .map(([, message = '']) => message);
  expect(messages.length).toBeGreaterThan(25);
  expect(messages.filter((message) => !runbook.includes(`\`${message}\``))).toEqual([]);
});

it('the table of events names each event of the log once, and no other', () => {
  const [, section = ''] = /### Events\n([\s\S]*?)\n### /.exec(runbook) ?? [];
  const cells = [...section.matchAll(/^\| (`.+?) \|/gm)].map(([, cell = '']) => cell);
  const named = cells.flatMap((cell) => [...cell.matchAll(/`(\w+\.\w+)`/g)].map(([, name]) => name));
  expect(named.sort()).toEqual([...LOG_EVENTS].sort());
});

it('each event of the vocabulary is one that the code logs', () => {
  const code = files.map((file) => readFileSync(join(here, file), 'utf8')).join('\n');
  const logged = new Set([...code.matchAll(/\bevent: '(\w+\.\w+)'/g)].map(([, name]) => name));
  expect([...logged].sort()).toEqual([...LOG_EVENTS].sort());
});
