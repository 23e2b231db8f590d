/**
 * A deploy under load: two servers behind nginx (TLS, HTTP/1.1 and HTTP/2), clients that sign in,
 * beat and sign out, and one server after the other ended and started again; by SIGTERM, with a
 * provider that takes no refresh token twice, and by SIGKILL with a reuse grace of 30 s; over
 * SQLite and over Redis. Prints what the clients were answered; fails where one was answered 5xx or
 * lost its session, or a server logged an error (SIGKILL: where one lost its session). Needs nginx,
 * OpenSSL and Redis, and no build. Usage: node bench/deploy.mjs [seconds of each] [clients]
 */
import { tool } from '../tools/command.mjs';

const SECONDS = process.argv[2] ?? '120';
const CLIENTS = process.argv[3] ?? '150';

const output = await tool('vitest', ['run', '--config', 'vitest.slow.config.ts', 'server/serve/deploy.test.ts'], {
  env: { ...process.env, DEPLOY_SECONDS: SECONDS, DEPLOY_CLIENTS: CLIENTS },
}).catch((error) => {
  console.log(error.message);
  process.exit(1);
});
console.log(
  output
    .split('\n')
    .filter((line) => line.startsWith('deploy: '))
    .join('\n'),
);
