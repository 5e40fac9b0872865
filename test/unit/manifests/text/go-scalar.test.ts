import { describe, expect, it } from 'vitest';
import { goScalar, taggedScalar } from '../../../../src/manifests/text/go-scalar.ts';

/** What `yaml.Unmarshal` of sigs.k8s.io/yaml 1.6 made of each, with go.yaml.in/yaml/v2 2.4.4. */
describe('goScalar reads as go-yaml does', () => {
  it.each(['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'])('%s is true', (text) => {
    expect(goScalar(text)).toBe(true);
  });

  it.each(['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'])('%s is false', (text) => {
    expect(goScalar(text)).toBe(false);
  });

  it.each(['', '~', 'null', 'Null', 'NULL'])('"%s" is null', (text) => {
    expect(goScalar(text)).toBeNull();
  });

  it.each([
    ['0', 0],
    ['-0', 0],
    ['53', 53],
    ['+53', 53],
    ['-53', -53],
    ['053', 43],
    ['08', 8],
    ['0o65', 53],
    ['0x35', 53],
    ['-0x35', -53],
    ['0b110101', 53],
    ['-0b11', -3],
    ['1_000', 1000],
    ['1__0', 10],
    ['1_', 1],
    ['53.0', 53],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1.5E-1', 0.15],
    ['1_000.5', 1000.5],
    ['18446744073709551615', 2 ** 64],
    ['0xFFFFFFFFFFFFFFFF', 2 ** 64],
    ['123456789012345678901', 1.2345678901234568e20],
  ])('%s is %d', (text, value) => {
    expect(goScalar(text)).toBe(value);
  });

  it.each([
    'yEs',
    'oN',
    'tRue',
    'nUll',
    '1:30',
    '190:20:30',
    '2001-01-01',
    '2001-12-14t21:59:43.10-05:00',
    '1e400',
    '0x',
    '0b',
    '0o',
    '_1',
    '-',
    '.',
    '..',
    '+',
    '<<',
    '=',
    'e1',
    '10.0.0.0/8',
    '1.2.3',
    '0x1FFFFFFFFFFFFFFFF',
    '0b2',
    '0o8',
  ])('%s is a string', (text) => {
    expect(goScalar(text)).toBe(text);
  });

  it.each(['.inf', '-.Inf', '+.INF', '.nan'])('%s has no place in JSON', (text) => {
    expect(() => goScalar(text)).toThrow(`${text} is a number that JSON cannot hold`);
  });
});

describe('taggedScalar', () => {
  const tag = (name: string) => `tag:yaml.org,2002:${name}`;

  it.each([
    ['str', '53', '53'],
    ['int', '53', 53],
    ['float', '53', 53],
    ['bool', 'yes', true],
    ['null', '', null],
    ['binary', 'aGk=', 'hi'],
    ['binary', '77u/aGk=', '\ufeffhi'],
    ['timestamp', '2001-01-01', '2001-01-01'],
  ])('!!%s %s', (name, text, value) => {
    expect(taggedScalar(tag(name), text)).toBe(value);
  });

  it('leaves strings under tags that nobody knows', () => {
    expect(taggedScalar('!mine', 'yes')).toBe('yes');
    expect(taggedScalar('!', 'yes')).toBe('yes');
  });

  it('refuses what is not of the tag', () => {
    expect(() => taggedScalar(tag('int'), 'yes')).toThrow('cannot decode "yes" as a !!int');
    expect(() => taggedScalar(tag('int'), '1.5')).toThrow('cannot decode "1.5" as a !!int');
  });
});
