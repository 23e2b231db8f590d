import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { root } from '../../tools/root.mjs';

const source = readFileSync(join(root, 'client', 'activity', 'activity-events.ts'), 'utf8');
const { code } = transformSync(source, { loader: 'ts' });

/**
 * The event types that count as activity, from the source itself: one that is added there is missed
 * here.
 */
export const { ACTIVITY_EVENTS } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
