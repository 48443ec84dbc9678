import { type DuckDBConnection, DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api';
import { messageOf } from '../../../src/errors.ts';

/**
 * A VARIANT holds values and no text: members are in the order of their names, white space and escapes are gone, a number
 * is the same however it was written. DuckDB keeps the text, so that all that becomes a VARIANT is written anew.
 */
export function addJsonFunctions(connection: DuckDBConnection): void {
  connection.registerScalarFunction(textFunction('sf_json', canonical));
  connection.registerScalarFunction(
    textFunction('sf_try_json', (text) => {
      try {
        return canonical(text);
      } catch {
        return null;
      }
    }),
  );
}

function textFunction(name: string, of: (text: string) => string | null): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: [VARCHAR],
    returnType: VARCHAR,
    mainFunction: (info, input, output) => {
      try {
        for (const [row, value] of input.getColumnValues(0).entries())
          output.setItem(row, value === null ? null : of(String(value)));
        output.flush();
      } catch (error) {
        info.setError(`Malformed JSON: ${messageOf(error)}`);
      }
    },
  });
}

const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/gs;

export function canonical(text: string): string {
  JSON.parse(text);
  let members = 0;
  // Numbers keep their digits: as texts that begin otherwise than those that are texts.
  const marked = text.replace(TEXT_OR_NUMBER, (token, colon?: string) => {
    if (!token.startsWith('"')) return JSON.stringify(`n${token}`);
    if (colon !== undefined) members += 1;
    return token.replace('"', '"t');
  });
  const counted = { members: 0 };
  const written = write(JSON.parse(marked), counted);
  if (counted.members !== members) throw new Error('duplicate object attribute');
  return written;
}

function write(value: unknown, counted: { members: number }): string {
  if (typeof value === 'string')
    return value.startsWith('n') ? number(value.slice(1)) : JSON.stringify(value.slice(1));
  if (Array.isArray(value)) return `[${value.map((one) => write(one, counted)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  counted.members += members.length;
  return `{${members.map(([name, one]) => `${JSON.stringify(name.slice(1))}:${write(one, counted)}`).join(',')}}`;
}

/** With up to 38 digits exactly, else as a float. */
function number(written: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(written) ?? [];
  const all = `${whole}${fraction}`;
  const digits = all.replace(/^0+/, '').replace(/0+$/, '');
  if (digits === '') return '0';
  const places = Number(power) - fraction.length + (all.length - all.replace(/0+$/, '').length);
  if (digits.length + Math.max(places, 0) > 38 || places < -37) {
    const float = Number(written);
    if (!Number.isFinite(float)) throw new Error(`number out of range: ${written}`);
    return String(float);
  }
  if (places >= 0) return `${sign}${digits}${'0'.repeat(places)}`;
  const padded = digits.padStart(1 - places, '0');
  return `${sign}${padded.slice(0, places)}.${padded.slice(places)}`;
}
