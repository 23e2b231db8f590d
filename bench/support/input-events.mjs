const place = (i) => ({ x: 50 + (i % 100), y: 200 + (i % 90) });

/**
 * How the browser itself is made to cause each event type, so that the event is trusted and goes
 * the whole way through it: one `send` causes one event of the type, `i` is its number. `pace` is
 * how many of them a person makes in 5 s who does nothing else, low rather than high. `before` runs
 * once, `start` and `end` around each batch. With `isOwn` the page itself has a listener, since
 * browsers send nobody a touch that nobody listens to: there would be no such event without
 * Stillhere.
 *
 * @typedef {import('puppeteer-core').CDPSession} Session
 * @typedef {(cdp: Session) => Promise<unknown>} Step
 * @typedef {{ type: string, how: string, pace: number, isOwn?: boolean, before?: Step, start?:
 * Step, end?: Step, send: (cdp: Session, i: number) => Promise<unknown> }} InputEvent
 */

const key = (cdp, event) => cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
const mouse = (cdp, type, i, more) => cdp.send('Input.dispatchMouseEvent', { type, ...place(i), ...more });
const touch = (cdp, type, touchPoints) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints });
const click = { button: 'left', clickCount: 1 };
const withTouch = (cdp) => cdp.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 1 });
const dragged = { items: [{ mimeType: 'text/plain', data: 'a' }], dragOperationsMask: 1 };

/** @type {InputEvent[]} */
export const INPUT_EVENTS = [
  {
    type: 'keydown',
    how: 'a letter, with its input',
    pace: 30,
    send: (cdp) => key(cdp, { key: 'a', code: 'KeyA', text: 'a' }),
  },
  {
    type: 'keydown',
    how: 'an arrow key that is held down',
    pace: 150,
    send: (cdp, i) =>
      key(
        cdp,
        i % 2
          ? { key: 'ArrowLeft', code: 'ArrowLeft', windowsVirtualKeyCode: 37 }
          : { key: 'ArrowRight', code: 'ArrowRight', windowsVirtualKeyCode: 39 },
      ),
  },
  {
    type: 'input',
    how: 'text without a key',
    pace: 30,
    send: (cdp) => cdp.send('Input.insertText', { text: 'a' }),
  },
  {
    type: 'compositionupdate',
    how: 'an input method',
    pace: 30,
    send: (cdp, i) =>
      cdp.send('Input.imeSetComposition', { text: i % 2 ? 'a' : 'ab', selectionStart: 0, selectionEnd: 1 }),
  },
  {
    type: 'paste',
    how: 'the paste command of a key',
    pace: 30,
    before: async (cdp) => {
      await cdp.send('Input.insertText', { text: 'a' });
      await key(cdp, { key: 'a', code: 'KeyA', commands: ['selectAll'] });
      await key(cdp, { key: 'c', code: 'KeyC', commands: ['copy'] });
    },
    send: (cdp) => key(cdp, { key: 'v', code: 'KeyV', commands: ['paste'] }),
  },
  {
    type: 'drop',
    how: 'a drag from outside, entering, over, dropped',
    pace: 30,
    send: async (cdp, i) => {
      for (const type of ['dragEnter', 'dragOver', 'drop'])
        await cdp.send('Input.dispatchDragEvent', { type, ...place(i), data: dragged });
    },
  },
  {
    type: 'focusin',
    how: 'focus() after blur(), trusted all the same',
    pace: 30,
    send: (cdp) =>
      cdp.send('Runtime.evaluate', { expression: '{ const f = document.activeElement; f.blur(); f.focus(); }' }),
  },
  {
    type: 'pointerdown',
    how: 'a mouse button, pressed and released',
    pace: 30,
    send: async (cdp, i) => {
      await mouse(cdp, 'mousePressed', i, click);
      await mouse(cdp, 'mouseReleased', i, click);
    },
  },
  { type: 'pointermove', how: 'the mouse', pace: 60, send: (cdp, i) => mouse(cdp, 'mouseMoved', i) },
  {
    type: 'wheel',
    how: 'the mouse wheel',
    pace: 60,
    send: (cdp, i) => mouse(cdp, 'mouseWheel', i, { deltaX: 0, deltaY: i % 2 ? 10 : -10 }),
  },
  {
    type: 'touchstart',
    how: 'a finger, down and up',
    pace: 30,
    isOwn: true,
    before: withTouch,
    send: async (cdp, i) => {
      await touch(cdp, 'touchStart', [place(i)]);
      await touch(cdp, 'touchEnd', []);
    },
  },
  {
    type: 'touchmove',
    how: 'a finger that stays down',
    pace: 60,
    isOwn: true,
    before: withTouch,
    start: (cdp) => touch(cdp, 'touchStart', [place(0)]),
    send: (cdp, i) => touch(cdp, 'touchMove', [place(7 * i + 30)]),
    end: (cdp) => touch(cdp, 'touchEnd', []),
  },
];
