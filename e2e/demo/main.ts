import { startDemo } from './demo.js';
import { readSettings } from './settings.js';

async function main(): Promise<void> {
  const demo = await startDemo(readSettings(process.env));
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
}

try {
  await main();
} catch (error) {
  const { code, message } = error as { code?: string; message?: string };
  const isInUse = code === 'EADDRINUSE';
  console.error(
    isInUse
      ? `PORT ${process.env.PORT ?? '3000'} is taken: set PORT or PROVIDER_PORT to another one, or to 0 for any.`
      : message,
  );
  process.exitCode = 1;
}
