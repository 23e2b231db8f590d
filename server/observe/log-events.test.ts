import { describe, expect, it } from 'vitest';
import { cutForLog, MOST_LOGGED_BYTES } from './log-events.js';

describe('text from outside in the log', () => {
  it('is left as it is where it is short', () => {
    expect(cutForLog('invalid_grant')).toBe('invalid_grant');
    expect(cutForLog('é'.repeat(MOST_LOGGED_BYTES / 2))).toBe('é'.repeat(MOST_LOGGED_BYTES / 2));
  });

  it.each(['x', 'é', '€', '🙂'])('is cut in bytes, between two characters: %s', (character) => {
    const cut = cutForLog(character.repeat(100_000), 11);
    expect(cut).toBe(`${character.repeat(Math.floor(11 / Buffer.byteLength(character)))}…`);
  });

  it('keeps a replacement character that was sent', () => {
    expect(cutForLog('a\uFFFDb')).toBe('a\uFFFDb');
  });
});
