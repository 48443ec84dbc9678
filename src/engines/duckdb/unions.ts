import { literal, quote } from './connection.ts';
import { type Type, typeOf } from './types.ts';

/** The text of a UNION does not say which member it is. */
export function holdsUnion(type: string): boolean {
  return hasUnion(typeOf(type));
}

/** The same value, to be shown: unions, wherever they are in it, as `member: text`. */
export function withTags(value: string, type: string): string {
  return tagged(value, typeOf(type), 0);
}

function tagged(value: string, type: Type, depth: number): string {
  if (!hasUnion(type)) return value;
  const item = `item_${depth}`;
  const of = (from: string, name: string, own: Type) =>
    tagged(`struct_extract(${from}, ${literal(name)})`, own, depth + 1);
  switch (type.kind) {
    case 'union':
      return `CASE WHEN ${value} IS NOT NULL THEN concat(union_tag(${value})::VARCHAR, ': ', coalesce(${value}::VARCHAR, 'NULL')) END`;
    case 'list':
      return `list_transform(${value}, lambda ${item}: ${tagged(item, type.of, depth + 1)})`;
    case 'map':
      return `list_transform(map_entries(${value}), lambda ${item}: struct_pack(key := ${of(item, 'key', type.key)}, value := ${of(item, 'value', type.value)}))`;
    case 'struct': {
      const fields = type.fields.map(
        (field) => `${quote(field.name)} := ${of(value, field.name, field.type)}`,
      );
      return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${fields.join(', ')}) END`;
    }
    case 'plain':
      return value;
  }
}

function hasUnion(type: Type): boolean {
  switch (type.kind) {
    case 'union':
      return true;
    case 'list':
      return hasUnion(type.of);
    case 'map':
      return hasUnion(type.key) || hasUnion(type.value);
    case 'struct':
      return type.fields.some((field) => hasUnion(field.type));
    case 'plain':
      return false;
  }
}
