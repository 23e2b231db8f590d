/**
 * Bounds how many grants run at once: a burst must not open hundreds of connections to one
 * provider.
 */
export interface Slots {
  /**
   * Resolves to a release function once a slot is free, or to `null` if it is no longer wanted by
   * then (`isWanted`).
   */
  take(isWanted: () => boolean): Promise<(() => void) | null>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const queue: (() => void)[] = [];
  const release = () => {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  };
  return {
    async take(isWanted) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => queue.push(resolve));
      if (!isWanted()) {
        release();
        return null;
      }
      let released = false;
      return () => {
        if (!released) release();
        released = true;
      };
    },
  };
}
