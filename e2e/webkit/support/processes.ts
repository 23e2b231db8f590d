import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';

const STARTED_WITHIN_MS = 30_000;

/** A program that runs until it is stopped. */
export interface Running {
  stop(): Promise<void>;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/**
 * A screen that nobody sees, at a number that the server itself finds free. A browser that has lost
 * its driver ends with its screen.
 */
export async function startDisplay(): Promise<Running & { display: string }> {
  const args = ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'];
  const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const told = child.stdio[3];
  if (!told || !('setEncoding' in told)) throw new Error('Xvfb has no way to tell its display.');
  const number = await Promise.race([
    once(told.setEncoding('utf8'), 'data').then(([line]) => String(line).trim()),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`Xvfb ended with ${code}`))),
  ]);
  return { display: `:${number}`, stop: () => stop(child) };
}

/** A port that was free a moment ago: the driver cannot be asked for any. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return address.port;
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/status`).catch(() => null);
  return response?.ok === true;
}

/** WebKitGTK's driver on that display. */
export async function startDriver(display: string): Promise<Running & { url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn('WebKitWebDriver', [`--port=${port}`], {
    // No bus and no accessibility: nothing here would answer, and the browser would wait for it.
    env: { ...process.env, DISPLAY: display, GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1', GTK_A11Y: 'none' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const complaints = text(child.stderr);
  const latest = Date.now() + STARTED_WITHIN_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`WebKitWebDriver ended: ${await complaints}`);
    if (Date.now() > latest) throw new Error('WebKitWebDriver does not answer.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, stop: () => stop(child) };
}
