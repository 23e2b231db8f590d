import { PROTOCOL_VERSION } from '../sw/protocol.js';

/**
 * The script of the page where a login in a pop-up ends: tells the tabs to look who is signed in, then closes the window. A window that a
 * script did not open stays, and its text says so.
 */
const { channel } = document.documentElement.dataset;
if (channel) {
  const tabs = new BroadcastChannel(channel);
  tabs.postMessage({ stillhere: PROTOCOL_VERSION, type: 'look', payload: null });
  tabs.close();
}
window.close();
