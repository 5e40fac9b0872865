import { PLATFORMS } from '../../src/policy/model/system-namespaces.ts';

/** platformsTable is the table of system namespaces, by platform, in Markdown. */
export function platformsTable(): string {
  const rows = PLATFORMS.map(({ title, namespaces, sources }) => {
    const links = sources.map((source, index) => `[${index + 1}](${source})`);
    return `| ${title} | ${namespaces.map((name) => `\`${name}\``).join(', ')} | ${links.join(', ')} |`;
  });
  return ['| platform | namespaces | source |', '|---|---|---|', ...rows].join('\n');
}
