import * as fc from 'fast-check';
import { hostServiceName } from '../../../src/domain/router/host-service-name';

test('a name has the dots of its host as hyphens, and hyphens doubled', () => {
  expect(hostServiceName('partners', 'api.bank.example')).toBe('partners-api-bank-example');
  expect(hostServiceName('partners', 'api-bank.example')).toBe('partners-api--bank-example');
});

test('a long name is cut to 63 characters, with a hash of the whole', () => {
  const [one, other] = ['a', 'b'].map((end) => hostServiceName('partners', `${'x'.repeat(60)}.${end}.example`));
  expect(one).toMatch(/^partners-x{45}-[0-9a-f]{8}$/);
  expect(other).not.toBe(one);
});

test('two hosts of one router never share a name, and every name is one of a Service', () => {
  const label = fc.stringMatching(/^[a-z0-9](-{0,3}[a-z0-9]){0,3}$/);
  const host = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));
  fc.assert(
    fc.property(host, host, (one, other) => {
      const names = [one, other].map((each) => hostServiceName('r', each));
      for (const name of names) expect(name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])$/);
      expect(names[0] === names[1]).toBe(one === other);
    }),
  );
});
