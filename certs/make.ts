/**
 * Makes certificates for development: a CA, and a serving certificate that it signed, for localhost, 127.0.0.1, ::1 and
 * whatever names and IPv4 addresses are given: `npm run certs -- guard.example 192.168.1.5`. The CA's key is thrown away,
 * so nothing else is ever signed by it. Keys are ignored by git.
 */
import { writeFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { issueAuthority, issueServing } from '../src/tls/x509/issue.ts';

const HOUR = 3_600_000;
const LOOPBACK_V6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

const given = process.argv.slice(2);
const bad = given.filter((host) => !isIPv4(host) && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host));
if (bad.length > 0) {
  console.error(
    `certs: ${bad.map((host) => JSON.stringify(host)).join(', ')} is neither a DNS name nor an IPv4 address`,
  );
  process.exit(2);
}

const addresses = ['127.0.0.1', ...given.filter(isIPv4)].map((text) => Uint8Array.from(text.split('.'), Number));
const hosts = {
  dnsNames: ['localhost', ...given.filter((host) => !isIPv4(host))],
  addresses: [...addresses, LOOPBACK_V6],
};
const validity = { notBefore: Date.now() - HOUR, notAfter: Date.now() + 365 * 24 * HOUR };
const authority = await issueAuthority('netpol-guard development CA', validity);
const { cert, key } = await issueServing('localhost', hosts, validity, authority);
const files = [
  { name: 'ca.pem', text: authority.cert, mode: 0o644 },
  { name: 'tls.pem', text: cert, mode: 0o644 },
  { name: 'tls.key', text: key, mode: 0o600 },
];
for (const { name, text, mode } of files) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  await writeFile(path, text, { mode });
  console.log(`wrote ${relative(process.cwd(), path)}`);
}
