import { startDemo } from './demo.js';
import { type DemoSettings, readSettings } from './settings.js';

/** What went wrong, in a sentence that names the variable to change. */
function explain(error: unknown, settings: DemoSettings | null): string {
  const { code, port, message } = error as { code?: string; port?: number; message?: string };
  if (code === 'EADDRINUSE' && settings) {
    const name = port === settings.port ? 'PORT' : 'PROVIDER_PORT';
    return `${name} ${port} is taken: set ${name} to another one, or to 0 for any.`;
  }
  if (code === 'EACCES') return `PORT and PROVIDER_PORT take ports that this user may listen on, and ${port} is none.`;
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL') return 'HOST takes a name or an address of this machine.';
  return message ?? String(error);
}

let settings: DemoSettings | null = null;
try {
  settings = readSettings(process.env);
  const demo = await startDemo(settings);
  console.log(`Stillhere demo   ${demo.url}`);
  console.log(`OpenID provider  ${demo.issuer}${demo.provider ? ' (embedded)' : ''}`);
  console.log('Stop it with Ctrl+C.');
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      void demo.close().then(() => process.exit(0));
    });
  }
} catch (error) {
  console.error(explain(error, settings));
  process.exitCode = 1;
}
