/**
 * A wrong value in the environment. The message is one sentence that names the variable and the
 * values that it takes. It quotes no value.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
