/** What Stillhere logs through: pino's and the console's order of arguments both fit behind it. No token or cookie is ever in `fields`. */
export interface Logger {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

const write =
  (level: 'warn' | 'error') =>
  (fields: Record<string, unknown>, message: string): void => {
    process.stderr.write(`stillhere ${level}: ${message} ${JSON.stringify(fields)}\n`);
  };

/** The default logger: warnings and errors on stderr. */
export const stderrLogger: Logger = { info() {}, warn: write('warn'), error: write('error') };

/** What may be logged of a caught error: its name and codes. Messages can quote what was sent, so they stay out. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code } = error as Error & { code?: unknown };
  const cause = error.cause as { code?: unknown; error?: unknown; status?: unknown } | undefined;
  const fields: Record<string, unknown> = { error: error.name };
  for (const [name, value] of Object.entries({ code, causeCode: cause?.code, oauthError: cause?.error, status: cause?.status })) {
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
  }
  return fields;
}
