import { RULES_VERSIONS } from '../src/policy/model/rules-version.ts';

/** ruleFile returns a new rule's source. Its check finds nothing yet, so its documented example fails until it does. */
export function ruleFile(id: string): string {
  return `import { defineRule } from '../situation/rule.ts';

export const ${constantOf(id)} = defineRule({
  id: '${id}',
  since: '${RULES_VERSIONS.at(-1)}',
  title: '',
  level: 'advice',
  docs: {
    why: '',
    bad: \`${EXAMPLE}\`,
    good: \`${EXAMPLE}\`,
    references: [],
  },
  check() {
    return [];
  },
});
`;
}

/** EXAMPLE is a manifest to begin a case or an example with. */
export const EXAMPLE = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
`;

/** withRule adds a rule to the text of rules/index.ts, in alphabetical order. Throws if it already exists. */
export function withRule(index: string, id: string): string {
  if (index.includes(`'./${id}.ts'`)) throw new Error(`there is a rule ${id} already`);
  const constant = constantOf(id);
  const withImport = insertSorted(
    index,
    /^import \{ \w+ \} from '\.\/[a-z-]+\.ts';$/gm,
    importOf(constant, id),
    pathOf,
  );
  return insertSorted(withImport, /^ {2}\w+,$/gm, `  ${constant},`, (line) => line);
}

function importOf(constant: string, id: string): string {
  return `import { ${constant} } from './${id}.ts';`;
}

function pathOf(line: string): string {
  return line.slice(line.indexOf("'"));
}

function insertSorted(text: string, lines: RegExp, added: string, keyOf: (line: string) => string): string {
  const present = [...text.matchAll(lines)];
  const next = present.find(([line]) => keyOf(line) > keyOf(added));
  if (next !== undefined) return `${text.slice(0, next.index)}${added}\n${text.slice(next.index)}`;
  const last = present.at(-1);
  if (last === undefined) throw new Error('rules/index.ts has no rule to put the new one beside');
  const end = last.index + last[0].length;
  return `${text.slice(0, end)}\n${added}${text.slice(end)}`;
}

function constantOf(id: string): string {
  return id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
