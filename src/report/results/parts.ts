import * as z from 'zod';

/** What several results share, and what holds each schema against the interface of its step. */

/**
 * Does not compile when the schema and the interface differ.
 * @example same<InitResult>()(z.strictObject({ ... }))
 */
export function same<Interface>() {
  return <Schema extends z.ZodType>(
    schema: Schema &
      (Equal<z.output<Schema>, Interface> extends true ? unknown : 'schema and interface differ'),
  ): Schema => schema;
}

type Equal<A, B> = [Writable<A>, Writable<B>] extends [Writable<B>, Writable<A>] ? true : false;

/** Whether a member may be written to makes no difference in JSON. */
type Writable<T> = { -readonly [Key in keyof T]: Writable<T[Key]> };

// Parts that several results share ----------------------------------------------------------------

export const release = z.string().describe('Id of the release.');
export const author = z.string().nullable().describe('Whose change it is; null: nobody said.');
export const live = z.string().describe('The live database; where that is a file, its path.');
export const exchangeMs = count('Milliseconds in which live was exchanged, rounded up.');
export const table = z
  .string()
  .describe(
    'Name of the table or view as schema.table; a part is quoted as in SQL where it needs it.',
  );
export const verdict = z
  .enum(['identical', 'explained', 'unexplained'])
  .describe(
    'identical: everything was compared and is equal. explained: an expectation explains each deviation, or the configuration left something out. unexplained: something deviates that nothing explains, an expectation is not met, or something could not be read.',
  );
export const digest = z
  .string()
  .describe('SHA-256 of the canonical comparison result, in hexadecimal: what an approval names.');

export function count(description: string) {
  return z.int().nonnegative().describe(description);
}

export function texts(description: string) {
  return z.array(z.string()).describe(description);
}

export function share(of: string) {
  return z
    .strictObject({
      compared: count('How many were compared.'),
      total: count('How many there are.'),
    })
    .describe(of);
}
