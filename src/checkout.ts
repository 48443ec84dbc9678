import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file or folder of the checkout that this program runs from; null: it has none of this name. */
export function inCheckout(path: string): string | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, path))) {
    if (folder === dirname(folder)) return null;
    folder = dirname(folder);
  }
  return join(folder, path);
}
