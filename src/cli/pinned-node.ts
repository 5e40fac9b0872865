/** What undici 8, and so @kubernetes/client-node, asks for in its package.json. */
const NEEDED = [22, 19] as const;

/** pinnedNodeProblem explains why a command cannot run on this Node; undefined if it can. */
export function pinnedNodeProblem(command: string, version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return undefined;
  return `${command} needs Node ${NEEDED.join('.')} or later and this is ${version}; in a checkout, npx netpol-guard ${command} runs it on the Node that npm ci installs`;
}
