import { dirname } from 'node:path';
import { KUSTOMIZE } from '../manifests/text/kustomization.ts';
import type { Manifest } from '../manifests/text/manifests.ts';
import type { Problem } from '../objects/problem.ts';
import { shellWord } from '../objects/shell-word.ts';
import { groupOf } from '../policy/model/policy-key.ts';

/** heldBy says that an object holds or changes policies which nothing judges, and how to have the result judged. */
export function heldBy(manifest: Manifest): Problem {
  const { kind, holds } = manifest;
  const [path = '', ...others] = holds;
  const held = others.length === 0 ? 'a NetworkPolicy that is' : `${holds.length} NetworkPolicies that are`;
  const what = holds.every(isChange)
    ? 'changes NetworkPolicies, and the result is not judged'
    : `holds ${held} not judged`;
  return { path, message: `${kind} ${what}; ${renderingOf(manifest)}` };
}

/** Patches of kustomize, and what Kyverno changes. */
function isChange(path: string): boolean {
  return /(?:^|\.)(?:patches\w*\[|mutate\.)/.test(path);
}

function renderingOf({ apiVersion, kind, source }: Manifest): string {
  if (kind === 'Template') return 'process it first: oc process --local -f FILE -o yaml | netpol-guard lint -';
  if (kind === 'Kustomization' && groupOf(apiVersion) === KUSTOMIZE)
    return `render it first: kustomize build ${shellWord(dirname(source.file))} | netpol-guard lint -`;
  return 'netpol-guard scan judges the result in a cluster';
}
