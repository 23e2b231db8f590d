/** The name of the channel, the store and the lock of one session. */
export const sharedName = (name: string): string => `stillhere:${name}`;
