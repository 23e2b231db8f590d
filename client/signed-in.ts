import { PROTOCOL_VERSION } from '../sw/protocol.js';

/**
 * The script of the page on which a login in a pop-up ends. It tells the tabs to find out who is
 * signed in, then closes the window. The browser does not let a script close a window that no
 * script has opened: such a window stays open, and its text says so.
 */
const { channel } = document.documentElement.dataset;
if (channel) {
  const tabs = new BroadcastChannel(channel);
  tabs.postMessage({ stillhere: PROTOCOL_VERSION, type: 'look', payload: null });
  tabs.close();
}
window.close();
