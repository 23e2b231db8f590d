import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.mjs';
import { root } from '../root.mjs';

const LONGEST = 100;
const COMMENT = /^\s*(\/\/|\/\*|\*)/;

/** The numbers of the lines in `text` that are comments of more than `LONGEST` columns. */
const tooWide = (text) =>
  text.split('\n').flatMap((line, index) => (COMMENT.test(line) && line.length > LONGEST ? [index + 1] : []));

/** Reads every source, tests too: a line of comment has at most 100 columns. */
export async function comments() {
  if (tooWide(`code();\n// ${'wide '.repeat(30)}`).join() !== '2') throw new Error('the search finds no wide comment');
  const sources = await command('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.tsx', '*.mjs', '*.js']);
  const paths = sources.split('\n').filter(Boolean);
  if (!paths.length) throw new Error('no sources read');
  const bad = paths.flatMap((path) =>
    tooWide(readFileSync(join(root, path), 'utf8')).map((line) => `${path}:${line} is a comment wider than ${LONGEST}`),
  );
  if (bad.length) throw new Error(bad.join('\n'));
}
