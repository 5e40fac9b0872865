/** Builds the control planes that the end-to-end tests start: `npm run controlplane [-- current | oldest]`. */
import { findPrograms, type Release } from './binaries.ts';

const RELEASES: readonly Release[] = ['current', 'oldest'];
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !RELEASES.some((release) => release === name));
if (unknown !== undefined) {
  console.error(`${unknown}: no such release; name ${RELEASES.join(' or ')}, or nothing for both`);
  process.exitCode = 2;
} else {
  for (const release of RELEASES) {
    if (asked.length > 0 && !asked.includes(release)) continue;
    for (const path of Object.values(findPrograms(release))) console.log(path);
  }
}
