import * as fc from 'fast-check';
import { nearest } from '../../../src/domain/input/nearest';

const KNOWN = ['destinationIp', 'protocol', 'targetPort', 'port', 'log_file', 'mac', 'ip'];

test.each([
  ['destinationIP', 'destinationIp'],
  ['destination_ip', 'destinationIp'],
  ['destinationIps', 'destinationIp'],
  ['protcol', 'protocol'],
  ['porotcol', 'protocol'],
  ['target-port', 'targetPort'],
  ['targtPrt', 'targetPort'],
  ['ports', 'port'],
  ['logFile', 'log_file'],
  ['MAC', 'mac'],
  ['macs', 'mac'],
  ['IP', 'ip'],
])('%s most likely means %s', (word, meant) => {
  expect(nearest(word, KNOWN)).toBe(meant);
});

test.each(['', 'x', 'xy', 'mtu', 'mode', 'pd', 'pXrX', 'kubeconfig', 'deviceID', '__proto__', 'constructor'])(
  '%s is near no known word',
  (word) => {
    expect(nearest(word, KNOWN)).toBeUndefined();
  },
);

test('no word is near without known words', () => {
  expect(nearest('port', [])).toBeUndefined();
});

test('the nearer of two words is meant, whichever is listed first', () => {
  expect(nearest('fallbackIPs', ['fallbackIPv', 'fallbackIPs4'])).toBe('fallbackIPv');
  expect(nearest('gateways', ['gateway', 'gateways'])).toBe('gateways');
  expect(nearest('gateways', ['gateways', 'gateway'])).toBe('gateways');
});

test('a long word may have one wrong, missing or additional letter', () => {
  const letter = fc.constantFrom(...'abcxyz');
  fc.assert(
    fc.property(
      fc.constantFrom('destinations', 'announcements', 'healthport'),
      fc.nat(),
      letter,
      (word, where, other) => {
        const at = where % word.length;
        const [before, after] = [word.slice(0, at), word.slice(at + 1)];
        for (const typed of [before + after, before + other + after, before + other + word.slice(at)]) {
          expect(nearest(typed, ['destinations', 'announcements', 'healthport'])).toBe(word);
        }
      },
    ),
  );
});

test('a word of a million letters is compared at once', () => {
  expect(nearest('x'.repeat(1_000_000), KNOWN)).toBeUndefined();
});
