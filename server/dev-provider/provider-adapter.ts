import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Entry {
  model: string;
  payload: AdapterPayload;
  expiresAt: number;
}

/**
 * Everything the provider stores, without the bound of its own memory adapter, which forgets the
 * oldest of 1000 entries. A refresh token that was used is taken again for `reuseGrace` seconds, as
 * at providers with such a setting.
 */
export function createProviderMemory({ reuseGrace = 0 }: { reuseGrace?: number } = {}) {
  const entries = new Map<string, Entry>();

  const adapter = (model: string): Adapter => {
    const keyOf = (id: string) => `${model} ${id}`;
    const read = (id: string) => {
      const entry = entries.get(keyOf(id));
      return entry && entry.expiresAt > Date.now() ? entry.payload : undefined;
    };
    const findBy = async (field: 'uid' | 'userCode', value: string) => {
      for (const entry of entries.values()) {
        if (entry.model === model && entry.payload[field] === value && entry.expiresAt > Date.now())
          return entry.payload;
      }
      return undefined;
    };
    return {
      async upsert(id, payload, expiresIn) {
        const expiresAt = expiresIn ? Date.now() + expiresIn * 1000 : Number.POSITIVE_INFINITY;
        entries.set(keyOf(id), { model, payload, expiresAt });
      },
      find: async (id) => read(id),
      findByUid: (uid) => findBy('uid', uid),
      findByUserCode: (code) => findBy('userCode', code),
      async consume(id) {
        const payload = read(id);
        const mark = (): void => {
          if (payload) payload.consumed = Math.floor(Date.now() / 1000);
        };
        if (reuseGrace > 0) setTimeout(mark, reuseGrace * 1000).unref();
        else mark();
      },
      async destroy(id) {
        entries.delete(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
      },
    };
  };

  /**
   * Forgets all grants and tokens, of one client or of all: the next refresh is refused with
   * `invalid_grant`.
   */
  const revoke = (clientId?: string): void => {
    for (const [key, { model, payload }] of entries) {
      const isToken = model === 'RefreshToken' || model === 'AccessToken' || model === 'Grant';
      if (isToken && (clientId === undefined || payload.clientId === clientId)) entries.delete(key);
    }
  };

  return { adapter, revoke };
}
