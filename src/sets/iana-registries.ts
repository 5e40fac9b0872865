/** SPECIAL_PURPOSE_V4 is the IANA IPv4 Special-Purpose Address Registry (iana-ipv4-special-registry). */
export const SPECIAL_PURPOSE_V4: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
];

/** MULTICAST_V4 are the groups of RFC 5771. No resolver answers at one. IPv6's ff00::/8 is allocated to no registry. */
export const MULTICAST_V4 = '224.0.0.0/4';

/**
 * ALLOCATED_V6 are the blocks that IANA has allocated to the regional Internet registries
 * (ipv6-unicast-address-assignments, as of 2410::/12, which APNIC got last). The rest of 2000::/3 is reserved, and
 * routed nowhere.
 */
export const ALLOCATED_V6: readonly string[] = [
  '2001:200::/23', // APNIC
  '2001:400::/23', // ARIN
  '2001:600::/23', // RIPE NCC
  '2001:800::/22', // RIPE NCC
  '2001:c00::/23', // APNIC
  '2001:e00::/23', // APNIC
  '2001:1200::/23', // LACNIC
  '2001:1400::/22', // RIPE NCC
  '2001:1800::/23', // ARIN
  '2001:1a00::/23', // RIPE NCC
  '2001:1c00::/22', // RIPE NCC
  '2001:2000::/19', // RIPE NCC
  '2001:4000::/23', // RIPE NCC
  '2001:4200::/23', // AFRINIC
  '2001:4400::/23', // APNIC
  '2001:4600::/23', // RIPE NCC
  '2001:4800::/23', // ARIN
  '2001:4a00::/23', // RIPE NCC
  '2001:4c00::/23', // RIPE NCC
  '2001:5000::/20', // RIPE NCC
  '2001:8000::/19', // APNIC
  '2001:a000::/20', // APNIC
  '2001:b000::/20', // APNIC
  '2003::/18', // RIPE NCC
  '2400::/12', // APNIC
  '2410::/12', // APNIC
  '2600::/12', // ARIN
  '2610::/23', // ARIN
  '2620::/23', // ARIN
  '2630::/12', // ARIN
  '2800::/12', // LACNIC
  '2a00::/12', // RIPE NCC
  '2a10::/12', // RIPE NCC
  '2c00::/12', // AFRINIC
];

/** SPECIAL_PURPOSE_V6 are the entries of IANA's IPv6 Special-Purpose Address Registry that lie within ALLOCATED_V6. */
export const SPECIAL_PURPOSE_V6: readonly string[] = ['2001:db8::/32', '2620:4f:8000::/48'];
