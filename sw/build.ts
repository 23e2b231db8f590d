declare const __BUILD__: string | undefined;

/**
 * The id of the sources from which page and worker were built. The page compares it with its own.
 */
export const BUILD: string = typeof __BUILD__ === 'string' ? __BUILD__ : 'source';
