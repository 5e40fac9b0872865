import { expect, test } from 'vitest';
import { ConnectionBook } from '../../../../src/admission/server/connections.ts';

const LIMITS = {
  connections: 6,
  connectionsPerAddress: 4,
  provenConnections: 3,
  waitingBytes: 1000,
  bodyTimeout: 5000,
  answerTimeout: 3000,
};

function booksAt(time: { now: number }) {
  return new ConnectionBook<string>(LIMITS, { now: () => time.now, elapsed: () => time.now });
}

/** One request that is answered and read. */
function asks(books: ConnectionBook<string>, connection: string): void {
  books.bodyBegins(connection);
  books.bodyGrew(connection, 10);
  books.bodyEnds(connection);
  books.judging(connection);
  books.answered(connection, 10);
  books.answerRead(connection);
}

test('a flood of connections that prove nothing never ends one that has', () => {
  const books = booksAt({ now: 0 });
  books.opened('api-server', '10.0.0.1');
  books.proved('api-server');
  const gone = Array.from({ length: 1000 }, (_, n) => books.opened(`stranger ${n}`, '10.0.0.1')).flat();
  expect(gone).toHaveLength(996);
  expect(gone).not.toContain('api-server');
});

test('a flood of connections that have the secret too ends the oldest idle ones of the flood', () => {
  const books = booksAt({ now: 0 });
  books.opened('api-server', '10.0.0.1');
  books.proved('api-server');
  const gone = Array.from({ length: 1000 }, (_, n) => {
    books.opened(`stranger ${n}`, '10.0.0.2');
    return books.proved(`stranger ${n}`);
  }).flat();
  expect(gone).toHaveLength(998);
  expect(gone).not.toContain('api-server');
});

test('behind one address, who has asked last stays, and whose request is judged stays in any case', () => {
  const books = booksAt({ now: 0 });
  for (const name of ['a', 'b', 'c']) {
    books.opened(name, '10.0.0.1');
    books.proved(name);
  }
  asks(books, 'a');
  books.judging('b');
  books.opened('d', '10.0.0.1');
  expect(books.proved('d')).toEqual(['c']);
  books.opened('e', '10.0.0.1');
  expect(books.proved('e')).toEqual(['a']);
});

test('what is not proven gets no younger by what it sends: a slow request is no way to stay', () => {
  const books = booksAt({ now: 0 });
  for (const name of ['a', 'b', 'c', 'd']) books.opened(name, '10.0.0.1');
  books.bodyBegins('a');
  books.bodyGrew('a', 1);
  expect(books.opened('e', '10.0.0.1')).toEqual(['a']);
});

test('bodies that arrive and answers that wait to be read are counted together, and the oldest of the largest hoarder go', () => {
  const books = booksAt({ now: 0 });
  for (const name of ['slow', 'unread']) books.opened(name, '10.0.0.1');
  books.opened('other', '10.0.0.2');
  books.bodyBegins('slow');
  expect(books.bodyGrew('slow', 400)).toEqual([]);
  expect(books.answered('unread', 400)).toEqual([]);
  books.bodyBegins('other');
  expect(books.bodyGrew('other', 300)).toEqual(['slow']);
  expect(books.bodyGrew('other', 300)).toEqual([]);
  expect(books.bodyGrew('other', 1)).toEqual(['unread']);
});

test('bytes of a body that is there, and of an answer that is read, count no more', () => {
  const books = booksAt({ now: 0 });
  for (let n = 0; n < 6; n += 1) books.opened(`${n}`, `10.0.0.${n}`);
  for (let round = 0; round < 10; round += 1) {
    for (let n = 0; n < 6; n += 1) {
      books.bodyBegins(`${n}`);
      expect(books.bodyGrew(`${n}`, 900)).toEqual([]);
      books.bodyEnds(`${n}`);
      expect(books.answered(`${n}`, 900)).toEqual([]);
      books.answerRead(`${n}`);
    }
  }
});

test('a body has its time from its headers, an answer from its sending, and each is told of once', () => {
  const time = { now: 0 };
  const books = booksAt(time);
  for (const name of ['a', 'b', 'c']) books.opened(name, '10.0.0.1');
  books.bodyBegins('a');
  time.now = 1000;
  books.bodyBegins('b');
  time.now = 2500;
  books.bodyGrew('a', 1);
  books.answered('c', 10);
  time.now = 4999;
  expect(books.slow()).toEqual([]);
  time.now = 5000;
  expect(books.slow()).toEqual([{ connection: 'a', waitsFor: 'body' }]);
  books.bodyEnds('b');
  time.now = 5500;
  expect(books.slow()).toEqual([{ connection: 'c', waitsFor: 'answer' }]);
  time.now = 60_000;
  expect(books.slow()).toEqual([]);
});

test('answers that pile up unread have the time of the first of them', () => {
  const time = { now: 0 };
  const books = booksAt(time);
  books.opened('a', '10.0.0.1');
  books.answered('a', 1);
  time.now = 2000;
  books.answered('a', 1);
  time.now = 3000;
  expect(books.slow()).toEqual([{ connection: 'a', waitsFor: 'answer' }]);
});

test('a connection that has closed is nobody, whatever still comes of it', () => {
  const books = booksAt({ now: 0 });
  books.opened('a', '10.0.0.1');
  books.proved('a');
  books.closed('a');
  asks(books, 'a');
  expect(books.proved('a')).toEqual([]);
  expect(books.isProven('a')).toBe(false);
  expect(books.slow()).toEqual([]);
  for (const name of ['b', 'c', 'd']) {
    books.opened(name, '10.0.0.1');
    expect(books.proved(name)).toEqual([]);
  }
});
