import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram, type Program, parseFieldCase, readFieldCases } from './field-cases.ts';

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
}, 60_000);
afterAll(() => program.remove());

describe('what people have, on the command line', () => {
  const runs = readFieldCases().flatMap((fieldCase) =>
    fieldCase.commands.map((command) => ({ name: fieldCase.name, command, fieldCase })),
  );

  it.each(runs)('$name: $command', { timeout: 60_000 }, ({ command, fieldCase }) => {
    const { status, printed } = program.run(fieldCase, command);
    for (const text of fieldCase.says) expect(printed).toContain(text);
    for (const text of fieldCase.neverSays) expect(printed).not.toContain(text);
    expect(status).toBe(fieldCase.exitStatus);
  });
});

describe('the header of a case', () => {
  it.each([
    ['no command', '# Expected: exit status 0\na: b\n'],
    ['no exit status', '# Command: netpol-guard lint FILE\n# Expected: says clean\n'],
    ['an expectation of another form', '# Command: x\n# Expected: exit status 0\n# Expected: a miracle\n'],
  ])('is refused with %s, which would be checked by nobody', (_, text) => {
    expect(() => parseFieldCase('x.yaml', text)).toThrow('x.yaml: write');
  });
});
