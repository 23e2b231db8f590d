import { byId, setText } from './dom.js';

const SPAN_MS = 120_000;
const LEFT = 30;
const RIGHT = 352;
const TOP = 12;
const BOTTOM = 128;
const SVG = 'http://www.w3.org/2000/svg';

interface Sample {
  at: number;
  /** Milliseconds left. */
  left: number;
}

export interface Chart {
  sample(kept: number | null, alone: number | null, now: number): void;
  beat(at: number): void;
}

/** Time left of both sessions over the last two minutes: what the demo shows, in one picture. */
export function createChart(idleMs: number): Chart {
  const lines = { kept: byId('chart-kept', SVGPolylineElement), alone: byId('chart-alone', SVGPolylineElement) };
  const samples: { kept: Sample[]; alone: Sample[] } = { kept: [], alone: [] };
  const beats: number[] = [];
  const marks = byId('chart-beats', SVGGElement);
  setText(byId('chart-top', SVGTextElement), String(Math.round(idleMs / 1000)));
  const text = byId('chart-text', SVGDescElement);

  const x = (at: number, now: number): number => RIGHT - ((now - at) / SPAN_MS) * (RIGHT - LEFT);
  const y = (left: number): number => BOTTOM - (Math.min(idleMs, Math.max(0, left)) / idleMs) * (BOTTOM - TOP);

  function draw(now: number): void {
    for (const id of ['kept', 'alone'] as const) {
      const recent = samples[id].filter((sample) => now - sample.at <= SPAN_MS);
      samples[id] = recent;
      lines[id].setAttribute(
        'points',
        recent.map((s) => `${x(s.at, now).toFixed(1)},${y(s.left).toFixed(1)}`).join(' '),
      );
    }
    while (beats[0] !== undefined && now - beats[0] > SPAN_MS) beats.shift();
    while (marks.childElementCount > beats.length) marks.lastElementChild?.remove();
    beats.forEach((at, index) => {
      const mark = marks.children[index] ?? marks.appendChild(document.createElementNS(SVG, 'circle'));
      mark.setAttribute('cx', x(at, now).toFixed(1));
      mark.setAttribute('cy', String(BOTTOM));
      mark.setAttribute('r', '3.5');
    });
  }

  return {
    sample(kept, alone, now) {
      if (kept !== null) samples.kept.push({ at: now, left: kept });
      if (alone !== null) samples.alone.push({ at: now, left: alone });
      draw(now);
      setText(
        text,
        `${beats.length} beats in two minutes. ${alone === null || alone > 0 ? '' : 'The session left alone has ended. '}${kept === null || kept > 0 ? '' : 'The kept session has ended.'}`.trim(),
      );
    },
    beat(at) {
      if (!beats.includes(at)) beats.push(at);
    },
  };
}
