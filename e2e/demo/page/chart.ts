import { byId, setText } from './dom.js';

const LEFT = 38;
const RIGHT = 352;
const TOP = 12;
const BOTTOM = 128;
const MOST_SAMPLES = 480;
const SVG = 'http://www.w3.org/2000/svg';

interface Sample {
  at: number;
  /** Milliseconds left. */
  left: number;
}

export interface Chart {
  /** `null`: nothing is known of that session. */
  sample(kept: number | null, alone: number | null, now: number): void;
  beat(at: number): void;
}

const endOf = (left: number | null, name: string): string => (left === 0 ? ` The ${name} has ended.` : '');

/**
 * Time left of both sessions: what the demo shows, in one picture. Drawn from the left until it is
 * full, then it moves.
 */
export function createChart(idleMs: number): Chart {
  const spanMs = idleMs * 2.5;
  const lines = { kept: byId('chart-kept', SVGPolylineElement), alone: byId('chart-alone', SVGPolylineElement) };
  const samples: { kept: Sample[]; alone: Sample[] } = { kept: [], alone: [] };
  const beats: number[] = [];
  const marks = byId('chart-beats', SVGGElement);
  const pen = byId('chart-now', SVGTextElement);
  const text = byId('chart-text', SVGDescElement);
  const started = Date.now();
  let sampledAt = 0;
  setText(byId('chart-top', SVGTextElement), `${Math.round(idleMs / 1000)} s`);

  function draw(now: number): void {
    const start = Math.max(started, now - spanMs);
    const x = (at: number): string => (LEFT + ((at - start) / spanMs) * (RIGHT - LEFT)).toFixed(1);
    const y = (left: number): string => (BOTTOM - (Math.min(idleMs, left) / idleMs) * (BOTTOM - TOP)).toFixed(1);
    for (const id of ['kept', 'alone'] as const) {
      samples[id] = samples[id].filter(({ at }) => at >= start);
      lines[id].setAttribute('points', samples[id].map(({ at, left }) => `${x(at)},${y(left)}`).join(' '));
    }
    while (beats[0] !== undefined && beats[0] < start) beats.shift();
    while (marks.childElementCount > beats.length) marks.lastElementChild?.remove();
    beats.forEach((at, index) => {
      const mark = marks.children[index] ?? marks.appendChild(document.createElementNS(SVG, 'circle'));
      mark.setAttribute('cx', x(at));
      mark.setAttribute('cy', String(BOTTOM));
      mark.setAttribute('r', '3.5');
    });
    pen.setAttribute('x', x(now));
  }

  return {
    sample(kept, alone, now) {
      if (now - sampledAt < spanMs / MOST_SAMPLES) return;
      sampledAt = now;
      if (kept !== null) samples.kept.push({ at: now, left: Math.max(0, kept) });
      if (alone !== null) samples.alone.push({ at: now, left: Math.max(0, alone) });
      draw(now);
      setText(text, `${beats.length} beats so far.${endOf(alone, 'session left alone')}${endOf(kept, 'kept session')}`);
    },
    beat(at) {
      if (at >= started - spanMs && !beats.includes(at)) beats.push(at);
    },
  };
}
