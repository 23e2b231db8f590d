import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the project, so that the packages are found.
const folder = mkdtempSync(join(root, 'node_modules/.examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The example of each public function, as its documentation shows it. */
const examples = ['app', 'heartbeat/handle-heartbeat', 'heartbeat/create-heartbeat', 'require-session'].map((file) => {
  const source = readFileSync(join(root, `server/${file}.ts`), 'utf8');
  const code = /@example\n([\s\S]*?)\n \*\//.exec(source)?.[1] ?? '';
  return { name: basename(file), code: code.replace(/^ \* ?/gm, '') };
});

it('compiles the example of each public function', async () => {
  for (const { name, code } of examples) {
    expect(code, name).toMatch(/from 'stillhere\/(server|heartbeat)'/);
    writeFileSync(join(folder, `${name}.ts`), code);
  }
  const compilerOptions = {
    noEmit: true,
    composite: false,
    types: ['node'],
    lib: ['ES2022', 'DOM'],
    noUnusedLocals: false,
    paths: {
      'stillhere/server': [join(root, 'server/index.ts')],
      'stillhere/heartbeat': [join(root, 'server/heartbeat/index.ts')],
    },
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] }),
  );
  const tsc = promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  const output = await tsc.then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
  expect(output).toBe('');
});
