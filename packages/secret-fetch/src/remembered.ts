/** What many items of a round need once: a token, credentials, a document that holds several values. */

/**
 * Loads at most once at a time for each key, and keeps what was loaded for as long as the result of this call lives.
 * A failure is not kept: the next attempt loads anew.
 */
export function remembered<Value>(
  load: (key: string, signal: AbortSignal) => Promise<Value>,
): (key: string, signal: AbortSignal) => Promise<Value> {
  const loaded = new Map<string, Promise<Value>>();
  return (key, signal) => {
    const known = loaded.get(key);
    if (known !== undefined) return known;
    const loading = load(key, signal);
    loaded.set(key, loading);
    loading.catch(() => loaded.delete(key));
    return loading;
  };
}
