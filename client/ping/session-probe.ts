import type { AskKind, EngineSnapshot, Outcome } from '../../sw/protocol.js';
import type { Knowledge } from '../state/knowledge.js';

/** How a tab asks who is signed in. */
export interface Look {
  /**
   * Asks. Only one ask at a time is sent for the session that the page sees. A later ask never
   * joins an earlier one if it sees another session.
   */
  hello(): void;
  /**
   * Asks though the last ask has no answer. That one was sent before the page stood still, so its
   * answer says nothing about the present.
   */
  again(): void;
  /**
   * Asks if the page sees another session than the engine's. With `isCalled` it also asks after the
   * session has ended.
   */
  look(isCalled?: boolean): void;
  /**
   * Asks the engine again after news from another storage, which cannot be compared with its own.
   */
  meet(stranger: EngineSnapshot): void;
}

export function createLook(known: Knowledge, ask: (kind: AskKind) => Promise<Outcome>): Look {
  let asked: { sees: string | null | undefined } | undefined;
  /** The session and epoch, or the storage, that the last ask of this kind was about. */
  let lookedFor = '';

  function hello(): void {
    const sees = known.see();
    if (asked && asked.sees === sees) return;
    const own = { sees };
    asked = own;
    void ask('hello').then(async () => {
      if (asked === own) asked = undefined;
      // The page may be newer than the engine's state. Only the server can tell who is signed in.
      if (known.isUnconfirmed() && !known.isOther()) await ask('check');
      known.begin(sees);
    });
  }

  return {
    hello,
    again() {
      asked = undefined;
      hello();
    },
    look(isCalled) {
      const { engine } = known;
      const mark = `${known.see()} ${engine?.epoch.n}`;
      const isOther = known.isOther();
      // If nothing is known yet, the first ask was never answered.
      if (engine && !(isCalled ? isOther || engine.status !== 'active' : isOther && mark !== lookedFor)) return;
      lookedFor = mark;
      hello();
    },
    meet({ shared, epoch }) {
      // News from a tab whose storage is its own say nothing about other tabs.
      if (!shared || lookedFor === epoch.store) return;
      lookedFor = epoch.store;
      hello();
    },
  };
}
