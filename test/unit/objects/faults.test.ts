import { describe, expect, it } from 'vitest';
import { checked, type Faults, FIRST_FAULT } from '../../../src/objects/faults.ts';
import { asList, asObject, asString, asStringMap, onlyFields } from '../../../src/objects/fields.ts';
import { InvalidObject } from '../../../src/objects/invalid-object.ts';

const read = (value: unknown, faults: Faults = FIRST_FAULT) => {
  const object = asObject(value, 'server', faults);
  onlyFields(object, 'server', ['name', 'ports', 'labels'], faults);
  const ports = asList(object['ports'], 'server.ports', faults);
  return {
    name: asString(object['name'], 'server.name', faults),
    ports: ports.map((port, i) => asString(port, `server.ports[${i}]`, faults)),
    labels: asStringMap(object['labels'], 'server.labels', faults),
  };
};

describe('who stops at the first fault', () => {
  it('is thrown that one, with its path', () => {
    const fault = new InvalidObject('server.ports[1]', '53 is a number where a string is expected; put it in quotes');
    expect(() => read({ name: 'a', ports: ['dns', 53, 54] })).toThrow(fault);
  });

  it('hears nothing of what can be read', () => {
    expect(read({ name: 'a', port: [] })).toEqual({ name: 'a', ports: [], labels: new Map() });
  });
});

describe('who wants all faults', () => {
  it('gets them in the order of reading, and no value', () => {
    const { value, problems } = checked((faults) => read({ port: [], ports: {}, labels: { 'a/b': 1 } }, faults));
    expect(value).toBeUndefined();
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'server.port: unknown field "port"; did you mean ports?',
      'server.ports: is an object where a list is expected; put each item after a dash',
      'server.name: is missing',
      'server.labels[a/b]: 1 is a number where a string is expected; put it in quotes',
    ]);
  });

  it('gets the first of each field', () => {
    const { problems } = checked((faults) => {
      faults.unreadable('port', 'is too high');
      faults.unreadable('port', 'is above its end');
    });
    expect(problems).toEqual([{ path: 'port', message: 'is too high' }]);
  });

  it('gets the value beside what is tolerated', () => {
    const tolerated = { path: 'cidr', message: 'is old', tolerated: true };
    const found = checked((faults) => {
      faults.refused(tolerated);
      return 7;
    });
    expect(found).toEqual({ value: 7, draft: 7, problems: [tolerated] });
  });

  it('gets a fault too that ends the reading, and no bug', () => {
    const ends = (error: Error) => () =>
      checked(() => {
        throw error;
      });
    expect(ends(new InvalidObject('spec', 'is too large'))().problems).toEqual([
      { path: 'spec', message: 'is too large' },
    ]);
    expect(ends(new TypeError('a bug'))).toThrow('a bug');
  });
});
