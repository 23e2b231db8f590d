import { describe, expect, it } from 'vitest';
import {
  activeState,
  alive,
  answers,
  asks,
  attempted,
  begins,
  dueFrom,
  endingAt,
  expiredState,
  later,
  MINUTE,
  NO_NETWORK,
  outcomeOf,
  over,
  SECOND,
  sends,
  sent,
  skipped,
  T0,
} from '../model/build-state.js';
import { dueAt, endsAt } from './schedule.js';
import type { State } from './state.js';

const END = T0 + 10 * MINUTE;
/** Nobody has been there since `T0`; the server said that the session ends at `END`. */
const unattended = activeState(endingAt(END));

describe('the known end (rule 9)', () => {
  it('is asked about once it has passed, visible page or not, extending nothing', () => {
    expect(attempted(asks(unattended, END - 1, 'end', { visible: false }))).toBeNull();
    const { flight } = sends(unattended, END, 'end', { visible: false });
    expect(flight.kind).toBe('check');
  });

  it('is the earlier of the two limits', () => {
    const state = { ...unattended, facts: { ...unattended.facts, absoluteExpiresIn: 9 * 60 } };
    expect(attempted(asks(state, END - MINUTE, 'end'))).toBe('end');
  });

  it('ends the session for every tab with a 401', () => {
    const { state, flight } = sends(unattended, END, 'end');
    const step = answers(state, flight, END + 1, over('idle_timeout', 'a'));
    expect(step.state).toMatchObject({ status: 'expired', reason: 'idle_timeout', epoch: { n: 2 } });
    expect(outcomeOf(step)).toBe('ended');
  });

  it('moves with a 200, which is no beat', () => {
    const { state, flight } = sends(unattended, END, 'end');
    const step = answers(state, flight, END + 1, alive({ idleExpiresIn: 120 }));
    expect(endsAt(step.state)).toBe(END + 120_000);
    expect(step.state).toMatchObject({
      lastBeatAt: T0,
      reportedActivityAt: T0,
      due: dueFrom(T0 + 5 * MINUTE),
    });
    expect(attempted(asks(step.state, END + 120_000, 'end'))).toBe('end');
  });

  it('is asked about again later, not at once, where the server says "alive" with nothing left', () => {
    const { state, flight } = sends(unattended, END, 'end');
    const step = answers(state, flight, END + 1, alive({ idleExpiresIn: 0 }));
    expect(attempted(asks(step.state, END + 2, 'end'))).toBeNull();
    expect(attempted(asks(step.state, END + 1_000, 'end'))).toBe('end');
  });

  it.each([NO_NETWORK, later(60_000)])('is not asked about again where no answer came: the page conceals', (answer) => {
    const { state, flight } = sends(unattended, END, 'end');
    const step = answers(state, flight, END + SECOND, answer);
    expect(step.state.status).toBe('active');
    expect(outcomeOf(step)).toBe('unavailable');
    const again = asks(step.state, END + 30 * MINUTE, 'end', { tab: 'tab-2' });
    expect(attempted(again)).toBeNull();
    expect(outcomeOf(again)).toBe('unavailable');
    expect(attempted(asks(step.state, END + 30 * MINUTE, 'activity', { activityAge: 0 }))).toBe('due');
  });

  it('is one question though ten tabs ask at once', () => {
    let state = unattended;
    const steps = Array.from({ length: 10 }, (_, n) => {
      const step = asks(state, END, 'end', { tab: `tab-${n}` });
      state = step.state;
      return step;
    });
    const [first, ...others] = steps;
    if (!first) throw new Error('no step');
    const flying = sent(begins({ ...first, state }, END + 1));
    state = answers(flying.state, flying.flight, END + 2, NO_NETWORK).state;
    for (const step of others) expect(skipped(begins({ ...step, state }, END + 3))).toBe('joined');
  });

  it.each([alive({ idleExpiresIn: 600 }), over('idle_timeout', 'a'), NO_NETWORK])(
    'is one question though a tab asks while it is on its way',
    (answer) => {
      const { state, flight } = sends(unattended, END, 'end');
      const late = asks(state, END + 5, 'end', { tab: 'tab-2' });
      const step = answers(late.state, flight, END + 10, answer);
      expect(attempted(step)).toBeNull();
      expect(step.state.wanted.why).toBeNull();
      if (attempted(late)) expect(skipped(begins({ ...late, state: step.state }, END + 11))).toBe('joined');
    },
  );

  it('is asked about where the answer before it had left before the end, and came after: a sleep lay between', () => {
    const { state, flight } = sends(unattended, END - MINUTE, 'extend');
    const slept = answers(state, flight, END + 60 * MINUTE, alive({ idleExpiresIn: 600 }));
    const end = endsAt(slept.state);
    expect(end).toBe(END + 9 * MINUTE);
    expect(attempted(asks(slept.state, END + 60 * MINUTE + 1, 'end'))).toBe('end');
  });

  it('is known without a question to a session that is over', () => {
    const step = asks({ ...expiredState(), ...endingAt(END) }, END, 'end');
    expect(attempted(step)).toBeNull();
    expect(outcomeOf(step)).toBe('ended');
  });
});

describe('without an endpoint that tells what is left', () => {
  const without = { checkable: false };

  it('nothing is asked: the page conceals', () => {
    const step = asks(unattended, END, 'end', {}, without);
    expect(attempted(step)).toBeNull();
    expect(outcomeOf(step)).toBe('unavailable');
    expect(attempted(asks(unattended, END - MINUTE, 'warning', {}, without))).toBeNull();
  });

  it('the next activity beats at once, even where no beat would be due yet', () => {
    const absolute = activeState({ facts: { absoluteExpiresIn: 60 }, factsAt: T0 });
    const { state } = asks(absolute, T0 + MINUTE, 'end', {}, without);
    expect(dueAt(state)).toBe(T0 + MINUTE);
    expect(attempted(asks(state, T0 + MINUTE + 1, 'activity', { activityAge: 0 }, without))).toBe('due');
  });
});

describe('a warning before the end', () => {
  const WARNING = END - MINUTE;

  it('is preceded by one question, from a second before it is shown', () => {
    expect(attempted(asks(unattended, WARNING - 1_001, 'warning'))).toBeNull();
    expect(attempted(asks(unattended, WARNING - 1_000, 'warning', { visible: false }))).toBe('end');
    const { state, flight } = sends(unattended, WARNING, 'warning');
    const step = answers(state, flight, WARNING + 1, alive({ idleExpiresIn: 60 }));
    expect(attempted(asks(step.state, WARNING + 2, 'warning', { tab: 'tab-2' }))).toBeNull();
    expect(attempted(asks(step.state, END, 'end'))).toBe('end');
  });

  it('needs no question where a beat has just been answered', () => {
    const state: State = { ...unattended, answered: { at: WARNING, sentAt: WARNING, outcome: 'alive', code: 'ok' } };
    expect(attempted(asks(state, WARNING + 1, 'warning'))).toBeNull();
  });

  it('does not answer for the end itself', () => {
    const { state, flight } = sends(unattended, WARNING, 'warning');
    const { state: checked } = answers(state, flight, WARNING + 1, NO_NETWORK);
    expect(attempted(asks(checked, END, 'end'))).toBe('end');
  });
});

describe('what is no question about the end', () => {
  const later = T0 + 20 * MINUTE;
  const ending = activeState({ ...endingAt(T0 + 10 * MINUTE), due: dueFrom(later) });

  it('leaves the due beat where it is, within the time of the warning and after the end', () => {
    for (const at of [T0 + 9.5 * MINUTE, T0 + 11 * MINUTE]) {
      const step = asks(ending, at, 'activity', { activityAge: 0 });
      expect(skipped(step)).toBe('not-due');
      expect(outcomeOf(step)).toBe('alive');
      expect(dueAt(step.state)).toBe(later);
    }
  });

  it('nor is one that comes before the end', () => {
    const step = asks(ending, T0 + 9 * MINUTE, 'end');
    expect(outcomeOf(step)).toBe('alive');
    expect(dueAt(step.state)).toBe(later);
  });

  it('nor one of the very instant at which an answer came', () => {
    const at = T0 + 10 * MINUTE;
    const state = { ...ending, answered: { at, sentAt: at, outcome: 'alive', code: 'ok' } as const };
    expect(asks(state, at, 'end').attempt).toBeUndefined();
  });
});
