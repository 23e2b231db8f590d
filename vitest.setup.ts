import fc from 'fast-check';

/**
 * The test command plays the same cases every time, so that it fails for a change and not by
 * chance; another seed plays others: `SEED=$RANDOM npx vitest run`.
 */
fc.configureGlobal({ seed: Number(process.env.SEED ?? 1) });
