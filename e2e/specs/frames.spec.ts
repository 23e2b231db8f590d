import { events, test } from '../support/natural-browser.js';
import { signIn, typeUntil } from '../support/test.js';

// Nobody's session ends here by itself.
test.use({ pace: { idleTimeoutSeconds: 120, refreshTokenIdleSeconds: 120 } });

test('typing counts in a frame that is written anew by a script, and in one of a shadow root that is observed, also when it is loaded again', async ({
  page,
  demo,
}) => {
  await signIn(page, demo, 'Ada', '/small/');
  await page.evaluate(async () => {
    const loaded = (frame: HTMLIFrameElement): Promise<unknown> =>
      new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
    const editor = '<textarea></textarea>';

    const written = document.createElement('iframe');
    written.id = 'written';
    document.body.append(written);
    const inside = written.contentDocument;
    inside?.open();
    inside?.write(editor);
    inside?.close();

    const host = document.createElement('div');
    host.id = 'host';
    document.body.append(host);
    const root = host.attachShadow({ mode: 'open' });
    window.smallApp.keepalive.observe(root);
    const shadowed = document.createElement('iframe');
    shadowed.srcdoc = editor;
    root.append(shadowed);
    await loaded(shadowed);
    shadowed.srcdoc = `${editor}again`;
    await loaded(shadowed);
  });
  const reported = async () => (await events(page, 'beat')).filter(({ activity }) => activity === 'user').length;
  for (const frame of ['#written', '#host iframe']) {
    const where = page.frameLocator(frame).locator('textarea');
    const before = await reported();
    await typeUntil(page, async () => (await reported()) >= before + 2, { where });
  }
});
