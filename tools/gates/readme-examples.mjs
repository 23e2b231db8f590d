import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tool } from '../command.mjs';
import { root } from '../root.mjs';

/** What the examples take from their reader's application. */
const READERS = `
declare function showCountdown(ending: import('stillhere').KeepaliveSnapshot['ending'], extend: () => Promise<unknown>): void;
declare function askToSignInAgain(signIn: () => Promise<unknown>): void;
declare function findSession(request: Request): Promise<{ key: string; sessionId?: string; user?: string } | null>;
declare function touchSession(request: Request, presence: { activity: 'user' | 'none'; idleMs: number }): Promise<number>;
declare function sessionOfThisPage(): string | null;
declare function userOfThisPage(): string | null;
declare function showLogin(): void;
declare const process: { env: Record<string, string | undefined> };
`;

/**
 * Compiles the README's TypeScript against the package's own exports, so that nobody copies what
 * does not work. Needs a build.
 */
export async function readmeExamples() {
  const examples = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(
    ([, code]) => code,
  );
  if (!examples.length) throw new Error('the README has no example');
  // Inside the package, so that its name means itself.
  const folder = join(root, 'build', 'readme');
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(join(folder, 'readers.d.ts'), READERS);
    examples.forEach((code, index) => {
      writeFileSync(join(folder, `example-${index + 1}.ts`), code);
    });
    const compilerOptions = {
      lib: ['ES2022', 'DOM'],
      types: [],
      noEmit: true,
      skipLibCheck: true,
      noUnusedLocals: false,
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }),
    );
    await tool('tsc', ['-p', folder]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
