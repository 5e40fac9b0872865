import type { Reporter } from 'knip';

/** A knip reporter that says how many files were looked at: `npm run check` fails where that is none. */
const count: Reporter = ({ counters }) => {
  console.log(`knip looked at ${counters.processed} files`);
};

export default count;
