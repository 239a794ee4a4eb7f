import { readLabel, readServiceName } from '../../../src/domain/values/kubernetes-name';
import { acceptAll, read, refuseAll } from '../../support/accept';

const LONGEST = `a${'b'.repeat(62)}`;

test('names that a Service may have', () => {
  acceptAll(readServiceName, ['a', 'db', 'a1', 'licence-server', 'a--b', LONGEST]);
});

test('names that a Service may not have', () => {
  const refused = [
    '',
    '1a',
    '1',
    '-a',
    'a-',
    '-',
    'A',
    'db.internal',
    'a_b',
    'a b',
    'a\n',
    'dü',
    `${LONGEST}b`,
    7,
    null,
  ];
  refuseAll(readServiceName, refused, 'a DNS-1035 label');
});

test('names that a namespace may have', () => {
  acceptAll(readLabel, ['a', '1', '1a', '0-0', 'egress', LONGEST]);
});

test('names that a namespace may not have', () => {
  const refused = ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'a/b', ' a', 'a\n', `${LONGEST}b`, 7, {}, undefined];
  refuseAll(readLabel, refused, 'a DNS-1123 label');
});

test('a name that is too long is reported with its length', () => {
  expect(read(readServiceName, `${LONGEST}b`).issues[0]!.problem).toBe('has 64 characters');
  expect(read(readLabel, `${LONGEST}b`).issues[0]!.problem).toBe('has 64 characters');
});
