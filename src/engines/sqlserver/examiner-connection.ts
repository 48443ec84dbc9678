import type { Finding } from '../engine.ts';
import { good } from './examiner-asking.ts';
import type { SqlserverOptions } from './options.ts';
import { describeServer, type Server } from './server.ts';

export function* examineEncryption({ tls, login }: SqlserverOptions): Iterable<Finding> {
  const about = { part: 'connection', subject: 'encryption' } as const;
  if (tls.encrypt === false) {
    yield {
      ...about,
      verdict: 'warning',
      found:
        'connection.encrypt is false: whoever stands in between reads everything, but for the password.',
      help: 'Leave it out, and name the authority of the certificate in connection.certificate_authority.',
    };
  } else if (tls.trustsCertificate) {
    yield {
      ...about,
      verdict: 'warning',
      found:
        'The certificate of the server is not verified: whoever stands in between could be taken for it.',
      help: 'Leave out connection.trust_server_certificate, and name the authority of the certificate in connection.certificate_authority.',
    };
  } else {
    yield good(
      about,
      'Every connection is encrypted, and the certificate of the server is verified.',
    );
  }
  yield good(
    { part: 'connection', subject: 'login' },
    {
      sql: 'A login of SQL Server, with a password.',
      'entra-default': 'Microsoft Entra, with whatever identity this machine has; no secret.',
      'access-token': 'An access token of Microsoft Entra.',
      'service-principal': 'A service principal of Microsoft Entra, with its secret.',
      'managed-identity': 'The managed identity of this machine; no secret.',
    }[login.way],
  );
}

export function examineVersion(server: Server): Finding {
  const about = { part: 'connection', subject: 'version' } as const;
  if (server.kind !== 'box' || server.major >= oldest)
    return good(about, `${describeServer(server)}.`);
  return {
    ...about,
    verdict: 'fault',
    found: `This is ${describeServer(server)}; what Greenlight runs needs SQL Server 2017 (14) or newer.`,
    help: 'Bring the server to a version that is still supported.',
  };
}

/** 2017: CONCAT_WS, STRING_AGG. */
const oldest = 14;
