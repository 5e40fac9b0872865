/**
 * Prints the objects that register a running webhook with an API server, and the policies that go with it:
 * `npm run --silent registration -- https://guard.example:10250 certs/ca.pem | kubectl apply -f -`.
 */
import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { webhookConfigurations } from '../src/admission/registration/webhook-configurations.ts';
import { policyObjects } from '../src/admission-policies/objects.ts';
import { loadConfiguration } from '../src/config/load.ts';

/** If the process runs outside the cluster, no one has this account, and the namespace is an excluded one. */
const RELEASE = { namespace: 'netpol-guard', serviceAccount: 'netpol-guard' };

const [address, authority, ...more] = process.argv.slice(2);
if (address === undefined || authority === undefined || more.length > 0 || !/^https:\/\/[^/]+$/.test(address)) {
  console.error('usage: npm run --silent registration -- https://HOST:PORT CA_FILE');
  process.exit(2);
}
const caBundle = (await readFile(authority)).toString('base64');
const { settings } = await loadConfiguration(undefined);
const objects = [
  ...webhookConfigurations(RELEASE, { url: address, caBundle }),
  ...policyObjects(settings, {
    own: RELEASE,
    enforcement: 'enforce',
    isStatic: false,
    creators: [],
    failsClosed: true,
  }),
];
console.log(objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n'));
