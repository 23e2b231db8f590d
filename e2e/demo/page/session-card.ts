import { byId, setData, setText } from './dom.js';
import { formatSeconds, secondsLeft } from './format.js';

export type SessionStatus = 'unknown' | 'active' | 'expired' | 'signed-out';

export interface SessionView {
  status: SessionStatus;
  /** Instant of the end if nobody acts, milliseconds since the epoch. */
  endsAt: number | null;
  /** When the access token ends. */
  tokenAt: number | null;
}

const LABELS: Record<SessionStatus, string> = {
  unknown: 'asking …',
  active: 'signed in',
  expired: 'ended',
  'signed-out': 'signed out',
};

/** The card of one session, full at `spanMs`; call what it returns at every tick. */
export function createSessionCard(id: 'kept' | 'alone', spanMs: number): (view: SessionView, now: number) => void {
  const card = byId(id, HTMLElement);
  const status = byId(`${id}-status`, HTMLElement);
  const left = byId(`${id}-left`, HTMLElement);
  const unit = byId(`${id}-unit`, HTMLElement);
  const bar = byId(`${id}-bar`, HTMLProgressElement);
  const token = byId(`${id}-token`, HTMLElement);
  return (view, now) => {
    const alive = view.status === 'active';
    setData(card, 'status', view.status);
    setData(status, 'status', view.status);
    setText(status, LABELS[view.status]);
    // The server allows half a second more than its setting, which would be shown as a second.
    const endsAt = view.endsAt && Math.min(view.endsAt, now + spanMs);
    const seconds = alive ? secondsLeft(endsAt, now) : view.status === 'unknown' ? null : 0;
    setText(left, formatSeconds(seconds));
    setText(unit, seconds === null ? '' : 'left');
    bar.value = alive && endsAt !== null ? Math.max(0, (endsAt - now) / spanMs) : 0;
    setText(token, formatSeconds(alive ? secondsLeft(view.tokenAt, now) : null));
  };
}
