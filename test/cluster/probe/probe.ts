import { createInterface } from 'node:readline';
import { connect, listen, send } from './echo.ts';
import { lookup, resolve } from './lookup.ts';
import type { Asked, OperationName, Operations, Told } from './operation.ts';

/** A probe lives in a pod: it reads operations as lines of JSON, does many at once, and writes what came of each. */
const operations: { [Name in OperationName]: (ask: Operations[Name]['ask']) => Promise<Operations[Name]['outcome']> } =
  { lookup, connect, send, resolve, listen };

function perform<Name extends OperationName>({ operation, ask }: Asked<Name>): Promise<Operations[Name]['outcome']> {
  return operations[operation](ask);
}

const tell = (told: Told) => process.stdout.write(`${JSON.stringify(told)}\n`);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const asked: Asked = JSON.parse(line);
  perform(asked).then(
    (said) => tell({ id: asked.id, said }),
    (error: unknown) => tell({ id: asked.id, fault: String(error) }),
  );
});
// Whoever asks is gone: its echoes must not keep it alive.
lines.on('close', () => process.exit());
