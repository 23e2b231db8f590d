/**
 * Loads an optional package from those that are installed where the program runs. Bundlers follow a
 * name that they can read, and stop if that package is not installed: they cannot read this one.
 */
export const loadPeer = <T>(name: string): Promise<T> =>
  import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name);
