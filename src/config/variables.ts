// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the notation of the configuration file is meant.
import { type Document, isPair, isScalar, type Scalar, visit } from 'yaml';

/**
 * `${NAME}` in the texts of the configuration. It comes from the environment only and is put in after YAML has been
 * read, so that no value can change the structure of the file.
 */

/** Not characters: Unicode keeps them for uses such as this one, so that no text file holds them. */
const OPEN = '\uFDD0';
const CLOSE = '\uFDD1';

/**
 * Hides the braces of `${NAME}` from the YAML parser, to which `{ password: ${PASSWORD} }` is not well-formed.
 * The length stays, and with it every position.
 */
export function maskVariables(text: string): string {
  return text.replace(/\$\{([^{}\r\n]*)\}/g, `$$${OPEN}$1${CLOSE}`);
}

export interface Variables {
  /** Names that the connection uses, in order, each once. */
  readonly ofConnection: readonly string[];
  /** What stands in the way, and the node that has it. */
  readonly faults: readonly VariableFault[];
}

export interface VariableFault {
  readonly node: Scalar;
  /** The text in the file, to find its position within the node. */
  readonly text: string;
  readonly message: string;
}

/**
 * Replaces `${NAME}` in every text value of the document by the environment's value; `$${` stands for `${`.
 * Keys stay as they are, and so do commands: their shell reads the variable itself, so that no value becomes
 * part of a script.
 */
export function replaceVariables(document: Document, env: NodeJS.ProcessEnv): Variables {
  const ofConnection = new Set<string>();
  const faults: VariableFault[] = [];
  visit(document, {
    Scalar(position, node, ancestors) {
      if (typeof node.value !== 'string') return;
      const written = unmask(node.value);
      if (position === 'key' || isUnder('command', ancestors.slice(-1))) {
        node.value = written;
        return;
      }
      const { text, names, faults: found } = replaceIn(written, node, env);
      node.value = text;
      faults.push(...found);
      // The document and its map are above the keys of the file.
      if (isUnder('connection', ancestors.slice(2, 3))) {
        for (const name of names) ofConnection.add(name);
      }
    },
  });
  return { ofConnection: [...ofConnection], faults };
}

function isUnder(key: string, ancestors: readonly unknown[]): boolean {
  return ancestors.some((node) => isPair(node) && isScalar(node.key) && node.key.value === key);
}

function unmask(text: string): string {
  return text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');
}

function replaceIn(written: string, node: Scalar, env: NodeJS.ProcessEnv) {
  const names: string[] = [];
  const faults: VariableFault[] = [];
  const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;
  const text = written.replace(reference, (found, name?: string) => {
    if (found === '$${') return '${';
    if (name !== undefined) {
      names.push(name);
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value !== undefined) return value;
    }
    const message =
      name === undefined
        ? '`${` is not followed by a name and `}`. Write `${NAME}`, or `$${` for the text itself.'
        : `the environment variable ${name} is not set. Set it, or write \`$\${${name}}\` for the text itself.`;
    faults.push({ node, text: found, message });
    return found;
  });
  return { text, names, faults };
}
