import type { Logger } from '../observe/logger.js';

export interface LogRecorder extends Logger {
  readonly lines: { level: string; facts: object; message: string }[];
  /** Everything that was logged, as text, to search for what must not be there. */
  text(): string;
}

/** A logger that keeps what it is told. */
export function recordLog(): LogRecorder {
  const lines: LogRecorder['lines'] = [];
  const write = (level: string) => (facts: object, message: string) => void lines.push({ level, facts, message });
  return {
    ...{ debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    lines,
    text: () => JSON.stringify(lines),
  };
}
