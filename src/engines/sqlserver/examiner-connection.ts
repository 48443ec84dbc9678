import type { Finding } from '../engine.ts';
import { findingsOf } from '../examination.ts';
import type { SqlserverOptions } from './options.ts';
import { describeServer, type Server } from './server.ts';

const { good, warning, fault } = findingsOf('connection');

export function* examineEncryption({ tls, login }: SqlserverOptions): Iterable<Finding> {
  const subject = 'encryption';
  if (tls.encrypt === false) {
    yield warning(
      subject,
      'connection.encrypt is false: whoever stands in between reads everything, but for the password.',
      'Leave it out, and name the authority of the certificate in connection.certificate_authority.',
    );
  } else if (tls.trustsCertificate) {
    yield warning(
      subject,
      'The certificate of the server is not verified: whoever stands in between could be taken for it.',
      'Leave out connection.trust_server_certificate, and name the authority of the certificate in connection.certificate_authority.',
    );
  } else {
    yield good(
      subject,
      'Every connection is encrypted, and the certificate of the server is verified.',
    );
  }
  yield good(
    'login',
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
  const subject = 'version';
  if (server.kind !== 'box' || server.major >= oldest)
    return good(subject, `${describeServer(server)}.`);
  return fault(
    subject,
    `This is ${describeServer(server)}; what Greenlight runs needs SQL Server 2017 (14) or newer.`,
    'Bring the server to a version that is still supported.',
  );
}

/** 2017: CONCAT_WS, STRING_AGG. */
const oldest = 14;
