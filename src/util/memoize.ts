/**
 * Caches the result of `make` for each object, until the object is garbage-collected.
 * @param make must depend on nothing but the object, which must not change
 */
export function memoize<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const results = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const known = results.get(key) ?? { value: make(key) };
    results.set(key, known);
    return known.value;
  };
}
