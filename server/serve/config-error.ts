/**
 * A wrong value in the environment: the message is one sentence that names the variable and what it
 * takes, and quotes no value.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
