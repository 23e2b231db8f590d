declare const __BUILD__: string | undefined;

/** Id of the sources that page and worker were built from: the handshake compares it. */
export const BUILD: string = typeof __BUILD__ === 'string' ? __BUILD__ : 'source';
