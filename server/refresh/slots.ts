/**
 * Limits how many grants run at once, so that a burst does not open hundreds of connections to the
 * provider.
 */
export interface Slots {
  /**
   * Resolves to a function that releases the slot when one is free, or to `null` if it is no longer
   * wanted by then (`isWanted`).
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
