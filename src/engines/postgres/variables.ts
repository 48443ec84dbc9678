import { UsageError } from '../../errors.ts';

/**
 * Variables that libpq obeys (docs: "Environment Variables") and Greenlight does not, where that would lead to another
 * server, or to a connection that is less safe than it was meant to be. All others make no difference to that.
 */
const refused: readonly {
  readonly name: string;
  /** Values that ask for no more than Greenlight does anyway; libpq does not look at their case. */
  readonly met?: readonly string[];
  readonly help: string;
}[] = [
  {
    name: 'PGSERVICE',
    help: 'Write host, port, user and sslmode of the service into `connection`, or as PGHOST, PGPORT, PGUSER and PGSSLMODE.',
  },
  ...['PGSSLCRL', 'PGSSLCRLDIR'].map((name) => ({
    name,
    help: 'Greenlight looks at no list of revoked certificates: connect where none is needed.',
  })),
  {
    name: 'PGSSLNEGOTIATION',
    met: ['postgres'],
    help: 'Greenlight asks the server for TLS first: let the server allow that (`postgres`).',
  },
  {
    name: 'PGSSLCERTMODE',
    met: ['allow'],
    help: 'Greenlight sends connection.sslcert when there is one and the server asks.',
  },
  {
    name: 'PGSSLMINPROTOCOLVERSION',
    met: ['tlsv1', 'tlsv1.1', 'tlsv1.2'],
    help: 'Greenlight takes TLS 1.2 and newer: let the server insist on more (ssl_min_protocol_version).',
  },
  {
    name: 'PGCHANNELBINDING',
    met: ['disable', 'prefer'],
    help: 'Write `sslmode: verify-full`: it makes sure of the server as well.',
  },
  {
    name: 'PGREQUIREAUTH',
    help: 'Let pg_hba.conf of the server name the method, and write `sslmode: verify-full`.',
  },
  {
    name: 'PGREQUIREPEER',
    help: 'Greenlight does not look at who owns the socket of the server.',
  },
  {
    name: 'PGGSSENCMODE',
    met: ['disable', 'prefer'],
    help: 'Greenlight encrypts by TLS only: write connection.sslmode.',
  },
  {
    name: 'PGTARGETSESSIONATTRS',
    met: ['any', 'read-write', 'primary'],
    help: 'Greenlight works on the primary server.',
  },
];

/** @throws UsageError that names the variable, and not its value. */
export function requireObeyed(env: NodeJS.ProcessEnv): void {
  for (const { name, met = [], help } of refused) {
    const value = env[name] ?? '';
    if (value === '' || met.includes(value.toLowerCase())) continue;
    throw disobeyed(name, help);
  }
}

/** @throws UsageError when the address leads elsewhere than the host does, as far as can be told. */
export function requireAddressOf(host: string, env: NodeJS.ProcessEnv): void {
  const address = env.PGHOSTADDR ?? '';
  if (address === '' || address === host) return;
  throw disobeyed('PGHOSTADDR', 'Write the address as connection.host or PGHOST.');
}

function disobeyed(name: string, help: string): UsageError {
  return new UsageError({
    what: `The variable ${name} is set, and Greenlight cannot do what it says.`,
    where: `environment: ${name}`,
    help: `${help} Then unset ${name} for Greenlight.`,
  });
}
