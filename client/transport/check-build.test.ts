import { expect, it } from 'vitest';
import { BUILD } from '../../sw/build.js';
import { checkBuild } from './check-build.js';

/** A registration whose update brings a new worker, or none. */
async function check(build: string, brings: object | null): Promise<string[]> {
  const log: string[] = [];
  const registration = {
    active: {},
    installing: null as object | null,
    waiting: null,
    update: async () => {
      log.push('update');
      registration.installing = brings;
    },
  };
  checkBuild(build, registration as object as ServiceWorkerRegistration, (code) => log.push(code));
  await new Promise((resolve) => setImmediate(resolve));
  return log;
}

it('asks for the new worker when another build answers, and complains only where there is none', async () => {
  expect(await check(BUILD, null)).toEqual([]);
  expect(await check('other', {})).toEqual(['update']);
  expect(await check('other', null)).toEqual(['update', 'worker-build']);
});
