/**
 * Where the demo's identity provider keeps its sessions and codes: in this process, and gone with it.
 */
type Payload = { uid?: string; grantId?: string; consumed?: number };

/** One store for each kind of thing; the interface is oidc-provider's. */
export function makeMemoryStore() {
  const kept = new Map<string, Payload>();
  return (kind: string) => {
    const keyOf = (id: string) => `${kind}:${id}`;
    return {
      upsert: async (id: string, payload: Payload) => void kept.set(keyOf(id), payload),
      find: async (id: string) => kept.get(keyOf(id)),
      findByUid: async (uid: string) =>
        [...kept].find(([key, payload]) => key.startsWith(`${kind}:`) && payload.uid === uid)?.[1],
      findByUserCode: async () => undefined,
      consume: async (id: string) => {
        const payload = kept.get(keyOf(id));
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id: string) => void kept.delete(keyOf(id)),
      revokeByGrantId: async (grantId: string) => {
        for (const [key, payload] of kept)
          if (payload.grantId === grantId && key.startsWith(`${kind}:`)) kept.delete(key);
      },
    };
  };
}
