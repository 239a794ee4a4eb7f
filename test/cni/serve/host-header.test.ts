import { hasValidHost } from '../../../cni/serve/host-header';

test.each([
  ['the kubelet by IPv4', '10.244.0.5:9180'],
  ['the kubelet by IPv6', '[fd00:10:244::5]:9180'],
  ['an IPv4 address within IPv6', '[::ffff:10.244.0.5]:9180'],
  ['an address with a zone', '[fe80::1%25eth0]:9180'],
  ['an address without a port', '[::1]'],
  ['a name of Prometheus’ targets', 'bank.partners.svc.cluster.local:9180'],
  ['a name with an underscore', 'my_router'],
  ['a name with a final dot', 'router.'],
  ['a name that probes of a pod set', 'localhost'],
  ['an empty port', 'router:'],
  ['an empty value', ''],
])('%s is valid', (_what, host) => {
  expect(hasValidHost(['User-Agent', 'x', 'Host', host])).toBe(true);
});

test.each([
  ['an address that is not closed', '[::zz'],
  ['letters that are not hexadecimal', '[::zz]'],
  ['no address in brackets', '[]:9180'],
  ['an address without brackets', 'fd00::5'],
  ['a port that is not a number', 'router:http'],
  ['a user', 'me@router'],
  ['a path', 'router/readyz'],
  ['a blank', 'a b'],
  ['another alphabet', 'ö'],
  ['two in one', 'a,b c'],
  ['an escape sequence', '\u001b]0;x\u0007'],
])('%s is malformed', (_what, host) => {
  expect(hasValidHost(['Host', host])).toBe(false);
});

test('there may be none, as in HTTP/1.0, and not two', () => {
  expect(hasValidHost([])).toBe(true);
  expect(hasValidHost(['X', 'host', 'Y', '[::zz'])).toBe(true);
  expect(hasValidHost(['Host', 'a', 'host', 'a'])).toBe(false);
});
