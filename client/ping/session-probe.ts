import type { AskKind, EngineSnapshot, Outcome } from '../../sw/protocol.js';
import type { Knowledge } from '../state/knowledge.js';

/** How a tab asks who is signed in. */
export interface Look {
  /** Asks. One at a time for what the page sees: a later one that sees another session never joins an earlier. */
  hello(): void;
  /** Asks though the last question has no answer: it was put before the page stood still, and says nothing about now. */
  again(): void;
  /** Asks where the page sees another session; where it is called to, after an end too. */
  look(isCalled?: boolean): void;
  /** Asks about news of another storage: our own answer tells the truth. */
  meet(stranger: EngineSnapshot): void;
}

export function createLook(known: Knowledge, ask: (kind: AskKind) => Promise<Outcome>): Look {
  let asked: { sees: string | null | undefined } | undefined;
  /** What was asked about already. */
  let lookedFor = '';

  function hello(): void {
    const sees = known.see();
    if (asked && asked.sees === sees) return;
    const own = { sees };
    asked = own;
    void ask('hello').then(async () => {
      if (asked === own) asked = undefined;
      // The page may be newer than what the engine knows: only the server can tell who is signed in.
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
      // Where nothing is known, the first question was never answered.
      if (engine && !(isCalled ? isOther || engine.status !== 'active' : isOther && mark !== lookedFor)) return;
      lookedFor = mark;
      hello();
    },
    meet({ shared, epoch }) {
      // A tab that shares nothing speaks for itself alone.
      if (!shared || lookedFor === epoch.store) return;
      lookedFor = epoch.store;
      hello();
    },
  };
}
