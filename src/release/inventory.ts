import { relationName } from '../config/names.ts';
import type { Catalog } from '../engines/engine.ts';
import { objectsByName } from '../engines/objects.ts';
import { canonicalJson } from './digest.ts';
import { sha256 } from './files.ts';
import type { Inventory } from './records.ts';

/** Every object of a database with a checksum of what it says; of tables their columns count, not their rows. */
export function inventoryOf(catalog: Catalog): Inventory {
  const entries = [
    ...catalog.relations.map((relation) => {
      const { kind, columns, definition } = relation;
      return [`${kind} ${relationName(relation)}`, sha256(canonicalJson({ columns, definition }))];
    }),
    ...[...objectsByName(catalog.objects).values()].map(({ kind, name, definition }) => [
      `${kind} ${name}`,
      sha256(definition),
    ]),
  ];
  return Object.fromEntries(entries.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
}

/** Names of the objects that `other` does not have. */
export function missingFrom(inventory: Inventory, other: Inventory): string[] {
  return Object.keys(inventory).filter((name) => other[name] === undefined);
}

/** The differences as lines: `- index marts.by_day`, `~ view marts.v`, `+ table marts.t`. */
export function inventoryChanges(before: Inventory, after: Inventory): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((name) => {
    if (before[name] === after[name]) return [];
    if (after[name] === undefined) return [`- ${name}`];
    return before[name] === undefined ? [`+ ${name}`] : [`~ ${name}`];
  });
}
