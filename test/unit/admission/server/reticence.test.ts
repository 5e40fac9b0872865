import { expect, test } from 'vitest';
import { allowed, denied, withAnnotations, withWarnings } from '../../../../src/admission/review/response.ts';
import { Reticence } from '../../../../src/admission/server/reticence.ts';
import { ask, listening, STRANGER } from '../callers.ts';
import { review } from '../setup.ts';

const SECRET_POLICY = 'payments-ledger-to-acme-bank';
const REFUSAL = denied(`${SECRET_POLICY} allows DNS, but selects other pods`, [
  { reason: 'dns-blocked', message: `${SECRET_POLICY} selects other pods`, field: 'spec.egress' },
]);
const WARNED = withAnnotations(withWarnings(allowed(), [`${SECRET_POLICY} opens 53`]), {
  findings: 'dns-blocked warn',
});

test('so many answers are told in full, then what was refused and by which rules, and later all again', () => {
  const time = { now: 0 };
  const clock = { now: () => time.now, elapsed: () => time.now };
  const reticence = new Reticence({ details: 3, detailsPerSecond: 2 }, clock);
  for (let n = 0; n < 3; n += 1) expect(reticence.toldTo('10.0.0.1', REFUSAL)).toEqual(REFUSAL.response);
  expect(reticence.toldTo('10.0.0.1', REFUSAL)).toEqual({
    allowed: false,
    status: {
      status: 'Failure',
      code: 403,
      reason: 'Forbidden',
      message:
        'refused by dns-blocked; details are omitted, because this address received many of them in the last few seconds: try again in a few seconds',
      details: {
        causes: [
          {
            reason: 'dns-blocked',
            message: 'details are omitted, because this address received many of them in the last few seconds',
            field: 'spec.egress',
          },
        ],
      },
    },
  });
  expect(reticence.toldTo('10.0.0.1', WARNED)).toEqual({
    allowed: true,
    warnings: ['details are omitted, because this address received many of them in the last few seconds'],
  });
  expect(reticence.toldTo('10.0.0.2', REFUSAL)).toEqual(REFUSAL.response);
  time.now += 500;
  expect(reticence.toldTo('10.0.0.1', WARNED)).toEqual(WARNED.response);
  expect(reticence.toldTo('10.0.0.1', WARNED)).not.toEqual(WARNED.response);
  time.now += 60_000;
  for (let n = 0; n < 3; n += 1) expect(reticence.toldTo('10.0.0.1', REFUSAL)).toEqual(REFUSAL.response);
  expect(reticence.toldTo('10.0.0.1', REFUSAL)).not.toEqual(REFUSAL.response);
});

test('a refusal that is told in short keeps none of its warnings either', () => {
  const reticence = new Reticence({ details: 0, detailsPerSecond: 0 }, { now: () => 0, elapsed: () => 0 });
  const answer = withWarnings(REFUSAL, [`${SECRET_POLICY} opens 53`]);
  expect(JSON.stringify(reticence.toldTo('10.0.0.1', answer))).not.toContain(SECRET_POLICY);
});

test('what goes to the audit log counts as a word, and is told as seldom', () => {
  const clock = { now: () => 0, elapsed: () => 0 };
  const reticence = new Reticence({ details: 1, detailsPerSecond: 0 }, clock);
  const answer = withAnnotations(allowed(), { exempted: 'dns-blocked (until the ledger has moved)' });
  expect(reticence.toldTo('10.0.0.1', answer)).toEqual(answer.response);
  expect(reticence.toldTo('10.0.0.1', answer)).toEqual(allowed().response);
});

test('an answer without a word costs nothing', () => {
  const clock = { now: () => 0, elapsed: () => 0 };
  const reticence = new Reticence({ details: 1, detailsPerSecond: 0 }, clock);
  for (let n = 0; n < 100; n += 1) reticence.toldTo('10.0.0.1', allowed());
  expect(reticence.toldTo('10.0.0.1', WARNED)).toEqual(WARNED.response);
});

test.each([[[]], [['3f2504e04f8911d39a0c0305e82c3301']]])(
  'who asks one question after the other learns little, whatever it knows, and others are told all (secrets %j)',
  async (secrets) => {
    const limits = { details: 5, detailsPerSecond: 0 };
    const { port } = await listening(() => REFUSAL, { limits, pathSecrets: () => secrets });
    const path = ['/validate', ...secrets].join('/');
    const answers: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      answers.push((await ask(port, JSON.stringify(review()), { path, localAddress: STRANGER })).body);
    }
    expect(answers.filter((answer) => answer.includes(SECRET_POLICY))).toHaveLength(5);
    expect(answers.every((answer) => answer.includes('"allowed":false') && answer.includes('dns-blocked'))).toBe(true);
    expect((await ask(port, JSON.stringify(review()), { path })).body).toContain(SECRET_POLICY);
  },
);
