/**
 * Prints the objects that must be in a cluster before netpol-guard starts there, except webhook configurations: `npm
 * run --silent release | kubectl apply -f -`. Arguments: the namespaces of the DNS servers, kube-system without any.
 */
import { stringify } from 'yaml';
import { releaseObjects } from './release/objects.ts';

const dnsNamespaces = process.argv.slice(2);
const objects = releaseObjects({
  name: 'netpol-guard',
  namespace: 'netpol-guard',
  serviceAccount: 'netpol-guard',
  ...(dnsNamespaces.length > 0 && { dnsNamespaces }),
});
console.log(objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n'));
