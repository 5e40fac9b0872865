import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** KeyPair is a certificate and its private key, as PEM files. */
export interface KeyPair {
  readonly certFile: string;
  readonly keyFile: string;
}

/** CertificateRequest says who a certificate is for. */
export interface CertificateRequest {
  readonly commonName: string;
  /** Kubernetes reads a client certificate's organizations as groups. */
  readonly organizations?: readonly string[];
  /** Subject alternative names as openssl writes them, such as `DNS:localhost` or `IP:127.0.0.1`. */
  readonly names?: readonly string[];
  /** As `openssl req -newkey` takes it; ECDSA on P-256, if nothing is said. */
  readonly newKey?: readonly string[];
}

const P_256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** Authority issues certificates with openssl (Debian's package, on every developer's machine too). */
export interface Authority {
  readonly certFile: string;
  /** The certificate in PEM. */
  readonly pem: string;
  issue(file: string, request: CertificateRequest): KeyPair;
}

/** createAuthority makes a certificate authority in `folder`. Its certificates are valid for two days. */
export function createAuthority(folder: string, name: string): Authority {
  const extension = 'keyUsage=critical,keyCertSign,cRLSign';
  const authority = certify(folder, name, { commonName: name }, ['-addext', extension]);
  return {
    certFile: authority.certFile,
    pem: readFileSync(authority.certFile, 'utf8'),
    issue: (file, request) =>
      certify(folder, file, request, [
        '-CA',
        authority.certFile,
        '-CAkey',
        authority.keyFile,
        '-addext',
        'basicConstraints=critical,CA:FALSE',
      ]),
  };
}

function certify(folder: string, file: string, request: CertificateRequest, extra: readonly string[]): KeyPair {
  const certFile = join(folder, `${file}.crt`);
  const keyFile = join(folder, `${file}.key`);
  const subject = [...(request.organizations ?? []).map((name) => `/O=${name}`), `/CN=${request.commonName}`].join('');
  const names = request.names === undefined ? [] : ['-addext', `subjectAltName=${request.names.join(',')}`];
  const key = ['-newkey', ...(request.newKey ?? P_256), '-nodes', '-keyout', keyFile];
  const args = ['req', '-x509', ...key, '-out', certFile, '-days', '2', '-subj', subject, ...names, ...extra];
  execFileSync('openssl', args, { stdio: 'pipe' });
  return { certFile, keyFile };
}
