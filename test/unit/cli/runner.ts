/** Characters that a comparison by the rules of a language, as .NET's is, does not see. */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u0640\u07fa\u180a\u1cd3\ufe73]/gu;

/**
 * obeyed returns the commands that a runner of a pipeline finds in what is printed: as ActionCommand.cs of actions/runner
 * and Command.cs of the Azure Pipelines agent do, and by any name at all.
 */
export function obeyed(printed: string): readonly string[] {
  return printed.split(/\r\n|[\r\n]/).flatMap((line) => {
    const seen = line.replaceAll(UNSEEN, '');
    const atStart = seen.trimStart();
    if (atStart.startsWith('::')) return [atStart];
    return /##\w*\[|##vso/u.test(seen) ? [seen] : [];
  });
}
