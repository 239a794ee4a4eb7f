import { ConfigError, issueText } from '../../../src/domain/input/issue';

const MISSING_PREFIX = {
  path: 'addresses[0].ip',
  value: '10.0.0.1',
  problem: 'has no prefix length',
  accepted: 'an address with its prefix length',
};

test('an issue is one sentence with path, value, problem and what is accepted', () => {
  expect(issueText(MISSING_PREFIX)).toBe(
    'addresses[0].ip: "10.0.0.1" has no prefix length; accepted: an address with its prefix length',
  );
});

test('a ConfigError carries every issue, a line each', () => {
  const second = { ...MISSING_PREFIX, path: 'addresses[1].ip' };
  const error = new ConfigError([MISSING_PREFIX, second]);
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('ConfigError');
  expect(error.issues).toEqual([MISSING_PREFIX, second]);
  expect(error.message.split('\n')).toEqual([issueText(MISSING_PREFIX), issueText(second)]);
});
