import type { Keepalive } from '../../../client/types.js';
import type { AloneSession } from './alone-session.js';
import { createChart } from './chart.js';
import { coach } from './coach.js';
import type { DemoConfig } from './config.js';
import { byId, setText } from './dom.js';
import { formatSeconds, secondsLeft } from './format.js';
import { createSessionCard, type SessionStatus } from './session-card.js';
import { createWarning } from './warning.js';

export interface SessionViewParts {
  config: DemoConfig;
  keepalive: Pick<Keepalive, 'snapshot' | 'extend'>;
  alone(): AloneSession;
  hasTyped(): boolean;
}

/** Milliseconds left for the chart; `null` where nothing is known. */
function left(status: SessionStatus, endsAt: number | null, now: number): number | null {
  if (status === 'unknown') return null;
  return status === 'active' && endsAt !== null ? Math.max(0, endsAt - now) : 0;
}

/**
 * Both sessions side by side, with what they have left and what the visitor may do next. `draw`
 * belongs into every tick.
 */
export function createSessionView(parts: SessionViewParts): { draw(now: number): void; beat(at: number): void } {
  const { config, keepalive } = parts;
  const cards = { kept: createSessionCard('kept', config.idleMs), alone: createSessionCard('alone', config.idleMs) };
  const chart = createChart(config.idleMs);
  const warn = createWarning(keepalive);
  const advice = byId('coach', HTMLElement);
  const adviceStep = byId('coach-step', HTMLElement);
  const nextBeat = byId('next-beat', HTMLElement);
  const ends = { kept: byId('kept-absolute', HTMLElement), alone: byId('alone-absolute', HTMLElement) };
  const restart = byId('restart-alone', HTMLButtonElement);
  const aloneFigures = byId('alone-figures', HTMLElement);

  return {
    beat: chart.beat,
    draw(now) {
      const kept = keepalive.snapshot();
      const alone = parts.alone();
      const isActive = kept.status === 'active';
      const endsAt = kept.idleExpiresAt ?? kept.absoluteExpiresAt;
      cards.kept({ status: kept.status, endsAt, tokenAt: kept.accessTokenExpiresAt }, now);
      cards.alone({ status: alone.status, endsAt: alone.endsAt, tokenAt: alone.tokenAt }, now);
      chart.sample(left(kept.status, endsAt, now), left(alone.status, alone.endsAt, now), now);
      warn(isActive ? kept.ending : null, now);

      const dueIn = isActive ? secondsLeft(kept.wakeAt, now) : null;
      setText(nextBeat, dueIn === 0 ? 'waiting' : formatSeconds(dueIn));
      setText(ends.kept, formatSeconds(isActive ? secondsLeft(kept.absoluteExpiresAt, now) : null));
      setText(ends.alone, formatSeconds(secondsLeft(alone.absoluteAt, now)));
      restart.hidden = alone.status !== 'expired';
      aloneFigures.hidden = !restart.hidden;

      const { step, text } = coach(
        {
          kept: kept.status,
          reason: kept.reason,
          alone: alone.status,
          hasTyped: parts.hasTyped(),
          isEnding: kept.ending !== null,
        },
        Math.round(config.idleMs / 1000),
      );
      setText(adviceStep, String(step));
      setText(advice, text);
    },
  };
}
