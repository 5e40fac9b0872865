/**
 * Makes certificates for development: a CA and a serving certificate for localhost, 127.0.0.1 and ::1, which it signed.
 * `npm run certs`. The CA's key is thrown away, so nothing else is ever signed by it. Keys are ignored by git.
 */
import { writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { issueLoopbackCertificate } from '../src/tls/loopback.ts';

const { ca, cert, key } = issueLoopbackCertificate(Date.now());
const files = [
  { name: 'ca.pem', text: ca, mode: 0o644 },
  { name: 'tls.pem', text: cert, mode: 0o644 },
  { name: 'tls.key', text: key, mode: 0o600 },
];
for (const { name, text, mode } of files) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  await writeFile(path, text, { mode });
  console.log(`wrote ${relative(process.cwd(), path)}`);
}
