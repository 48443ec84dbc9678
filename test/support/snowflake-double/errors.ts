/** An error as Snowflake says it: its number, its SQLSTATE and its words. */
export class SnowflakeFault extends Error {
  readonly code: string;
  readonly sqlState: string;

  constructor(code: string, sqlState: string, message: string) {
    super(message);
    this.code = code;
    this.sqlState = sqlState;
  }
}

export const notFound = (kind: string, name: string) =>
  new SnowflakeFault(
    '002003',
    '02000',
    `SQL compilation error:\n${kind} '${name}' does not exist or not authorized.`,
  );

export const notAllowed = (kind: string, name: string) =>
  new SnowflakeFault(
    '003001',
    '42501',
    `SQL access control error:\nInsufficient privileges to operate on ${kind.toLowerCase()} '${name}'`,
  );

export const alreadyThere = (name: string) =>
  new SnowflakeFault('002002', '42710', `SQL compilation error:\nObject '${name}' already exists.`);

export const noDatabase = (what: string) =>
  new SnowflakeFault(
    '090105',
    '22000',
    `Cannot perform ${what}. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.`,
  );

export const syntax = (message: string) =>
  new SnowflakeFault('001003', '42000', `SQL compilation error:\nsyntax error ${message}`);

export const unknownFunction = (name: string) =>
  new SnowflakeFault('002140', '42601', `SQL compilation error:\nUnknown function ${name}`);

export const invalidIdentifier = (name: string) =>
  new SnowflakeFault(
    '000904',
    '42000',
    `SQL compilation error: error line 1 at position 0\ninvalid identifier '${name}'`,
  );

export const noTimeTravel = (name: string) =>
  new SnowflakeFault(
    '000707',
    '02000',
    `Time travel data is not available for table ${name}. The requested time is either beyond the allowed time travel period or before the object creation time.`,
  );

/** Since the behaviour change of bundle 2024_08 (docs: bcr-1792). */
export const hybridInSchema = () =>
  new SnowflakeFault(
    '392105',
    '0A000',
    'SQL execution error: Cloning a SCHEMA which contains a HYBRID TABLE is unsupported. To perform the clone while skipping HYBRID TABLES, append the `IGNORE HYBRID TABLES` syntax to your DDL.',
  );

export const canceled = () => new SnowflakeFault('000604', '57014', 'SQL execution canceled');

export const notInTheDouble = (what: string) =>
  new SnowflakeFault('000002', '0A000', `Unsupported feature '${what}' (of this double).`);
