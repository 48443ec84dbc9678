import type { CatalogObject } from './engine.ts';

/**
 * Objects by kind and name. Two that share a name, as `a."b.c"` and `"a.b".c` do where names are not quoted, count as
 * one that says what both say: neither hides the other.
 */
export function objectsByName(objects: readonly CatalogObject[]): Map<string, CatalogObject> {
  const found = new Map<string, CatalogObject>();
  for (const object of objects) {
    const id = JSON.stringify([object.kind, object.name]);
    const other = found.get(id);
    const definition =
      other === undefined ? object.definition : `${other.definition}\n${object.definition}`;
    found.set(id, { ...object, definition });
  }
  return found;
}
