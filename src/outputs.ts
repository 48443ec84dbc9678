import type { OutputDeclaration } from './manifest.ts';

/** What a step gives to the jobs and steps after it: parts of its result, as texts; empty where there is nothing. */
export function outputsOf(
  result: object,
  declared: readonly OutputDeclaration[],
): Record<string, string> {
  return Object.fromEntries(
    declared.map(({ name, from }) => [name, textOf(valueAt(result, from))]),
  );
}

function valueAt(result: object, path: string): unknown {
  let value: unknown = result;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
