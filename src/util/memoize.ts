/**
 * Makes something of an object once, however often it is asked for, and forgets it with the object.
 *
 * @param make must not depend on anything but the object, which must not change
 */
export function memoize<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const known = made.get(key) ?? { value: make(key) };
    made.set(key, known);
    return known.value;
  };
}
