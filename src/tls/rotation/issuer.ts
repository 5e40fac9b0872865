import { randomBytes } from 'node:crypto';
import { addressOf } from '../x509/host-name.ts';
import { issueAuthority, issueServing } from '../x509/issue.ts';
import { AUTHORITY_NAME, BACKDATED_MS, readAuthority } from './read-authority.ts';
import { readServingPair } from './serving-pair.ts';
import type { Issuer } from './take-step.ts';

/** Alternative names may have any length, this one at most 64 characters (RFC 5280, ub-common-name). */
const SERVING_NAME = 'netpol-guard';

/** ISSUER makes real certificates and secrets. */
export const ISSUER: Issuer = {
  authority: async (now, expires) => {
    const { cert, key } = await issueAuthority(AUTHORITY_NAME, { notBefore: now - BACKDATED_MS, notAfter: expires });
    return { ...readAuthority(cert), key };
  },
  pair: async (authority, names, now, expires) => {
    const hosts = {
      dnsNames: names.filter((name) => addressOf(name) === undefined),
      addresses: names.flatMap((name) => addressOf(name) ?? []),
    };
    const validity = { notBefore: now - BACKDATED_MS, notAfter: expires };
    const { cert, key } = await issueServing(SERVING_NAME, hosts, validity, authority);
    return readServingPair(cert, key, authority);
  },
  pathSecret: () => randomBytes(16).toString('hex'),
};
