import { readRouter, router } from '../../support/router';

const V4 = { ip: '192.168.12.99/24', gateway: '192.168.12.1' };
const V6 = { ip: '2001:db8:12::99/64', gateway: 'fe80::1' };
const tcp = (port: number, destinationIp: string) => ({ port, protocol: 'TCP', destinationIp });

test.each([
  ['beyond the gateway', '203.0.113.26'],
  ['in the subnet', '192.168.12.50'],
  ['the gateway itself', '192.168.12.1'],
  ['with an octet of zero outside the subnet', '192.168.13.0'],
  ['with an octet of 255 outside the subnet', '192.168.13.255'],
])('a destination %s is reachable', (_, destinationIp) => {
  expect(router({ redirectRules: [tcp(80, destinationIp)] }).rules[0]!.destination.text).toBe(destinationIp);
});

test.each([
  ['192.168.12.99', 'leads to the reserved address itself'],
  ['192.168.12.0', 'leads to the network address of 192.168.12.99/24'],
  ['192.168.12.255', 'leads to the broadcast address of 192.168.12.99/24'],
  ['127.0.0.1', 'is a loopback address'],
  ['224.0.0.1', 'is a multicast address'],
  ['169.254.169.254', 'is a link-local address'],
  ['0.0.0.0', 'is the unspecified address'],
  ['255.255.255.255', 'is a broadcast address'],
  ['250.0.0.1', 'is a reserved address'],
])('the destination %s %s, in a rule and as the fallback', (ip, problem) => {
  const accepted = expect.stringContaining('the address of a host that the router reaches from 192.168.12.99/24');
  expect(readRouter({ redirectRules: [tcp(80, ip)] }).issues).toEqual([
    { path: 'redirectRules[0].destinationIp', value: ip, problem, accepted },
  ]);
  expect(readRouter({ fallbackIp: ip }).issues).toEqual([{ path: 'fallbackIp', value: ip, problem, accepted }]);
});

test.each([
  ['2001:db8:12::99', 'leads to the reserved address itself'],
  ['2001:DB8:12:0::99', 'leads to the reserved address itself'],
  ['2001:db8:12::', 'leads to the network address of 2001:db8:12::99/64'],
  ['::1', 'is a loopback address'],
  ['ff02::1', 'is a multicast address'],
  ['fe80::1', 'is a link-local address'],
  ['::', 'is the unspecified address'],
])('the IPv6 destination %s %s', (ip, problem) => {
  expect(readRouter({ addresses: [V6], redirectRules: [tcp(80, ip)] }).issues).toMatchObject([
    { path: 'redirectRules[0].destinationIp', value: ip, problem },
  ]);
});

test('a destination of a family without a reserved address is refused', () => {
  expect(readRouter({ redirectRules: [tcp(80, '2001:db8::1')], fallbackIp: 'fd00::1' }).issues).toMatchObject([
    {
      path: 'redirectRules[0].destinationIp',
      value: '2001:db8::1',
      problem: 'leads to 2001:db8::1, and no IPv6 address is reserved',
      accepted: expect.stringContaining('a reserved IPv6 address'),
    },
    { path: 'fallbackIp', value: 'fd00::1', problem: 'leads to fd00::1, and no IPv6 address is reserved' },
  ]);
  expect(readRouter({ addresses: [V6], redirectRules: [tcp(80, '10.0.0.1')] }).issues).toMatchObject([
    { problem: 'leads to 10.0.0.1, and no IPv4 address is reserved' },
  ]);
});

test('each destination uses the reserved address of its family', () => {
  const redirectRules = [tcp(80, '10.0.0.1'), tcp(81, '2001:db8::1')];
  expect(router({ addresses: [V4, V6], redirectRules }).rules).toHaveLength(2);
  expect(readRouter({ addresses: [V4, V6], redirectRules: [tcp(80, '2001:db8:12::99')] }).issues).toMatchObject([
    {
      problem: 'leads to the reserved address itself',
      accepted: expect.stringContaining('192.168.12.99/24, 2001:db8:12::99/64'),
    },
  ]);
});

test('only the subnet is reachable without a gateway', () => {
  const addresses = [{ ip: '192.168.12.99/24' }];
  expect(router({ addresses, redirectRules: [tcp(80, '192.168.12.1')] }).addresses[0]).not.toHaveProperty('gateway');
  expect(readRouter({ addresses, redirectRules: [tcp(80, '192.168.13.1')] }).issues).toMatchObject([
    {
      path: 'redirectRules[0].destinationIp',
      value: '192.168.13.1',
      problem: 'leads to 192.168.13.1, outside the subnet of 192.168.12.99/24, and there is no gateway',
      accepted: expect.stringContaining('a gateway for addresses[0].ip'),
    },
  ]);
});

test('the gateway of one family does not reach the other', () => {
  const addresses = [V4, { ip: '2001:db8:12::99/64' }];
  expect(readRouter({ addresses, redirectRules: [tcp(80, '2001:db8::1')] }).issues).toMatchObject([
    { problem: expect.stringContaining('there is no gateway'), accepted: expect.stringContaining('addresses[1].ip') },
  ]);
});

test('the same protocol and port twice in one family is refused, and both rules are named', () => {
  const redirectRules = [tcp(80, '10.0.0.1'), tcp(81, '10.0.0.1'), tcp(80, '10.0.0.2')];
  expect(readRouter({ redirectRules }).issues).toEqual([
    {
      path: 'redirectRules[2]',
      value: redirectRules[2],
      problem: 'redirects TCP port 80 as redirectRules[0] does already (to 10.0.0.1)',
      accepted: 'one rule for a protocol and port in IPv4',
    },
  ]);
});

test('one port may serve several protocols and both families', () => {
  const redirectRules = [
    tcp(80, '10.0.0.1'),
    { ...tcp(80, '10.0.0.1'), protocol: 'UDP' },
    { ...tcp(80, '10.0.0.1'), protocol: 'SCTP' },
    tcp(80, '2001:db8::1'),
  ];
  expect(router({ addresses: [V4, V6], redirectRules }).rules).toHaveLength(4);
  expect(
    readRouter({ addresses: [V4, V6], redirectRules: [...redirectRules, tcp(80, '2001:db8::2')] }).issues,
  ).toMatchObject([{ path: 'redirectRules[4]', accepted: 'one rule for a protocol and port in IPv6' }]);
});

test('a TCP rule on the health port is rejected', () => {
  expect(readRouter({ redirectRules: [tcp(9180, '10.0.0.1')] }).issues).toEqual([
    {
      path: 'redirectRules[0].port',
      value: 9180,
      problem: 'takes the health port, where the router answers probes',
      accepted: 'a TCP port other than 9180, or another health port',
    },
  ]);
  expect(readRouter({ redirectRules: [tcp(8080, '10.0.0.1')] }, { healthPort: 8080 }).issues).toMatchObject([
    { path: 'redirectRules[0].port', value: 8080 },
  ]);
  router({ redirectRules: [tcp(9180, '10.0.0.1')] }, { healthPort: 8080 });
  router({ redirectRules: [{ ...tcp(9180, '10.0.0.1'), protocol: 'UDP' }] });
});

test('a router without rule and fallback has nothing to redirect', () => {
  for (const redirectRules of [[], undefined]) {
    expect(readRouter({ redirectRules }).issues).toEqual([
      {
        path: 'redirectRules',
        value: redirectRules,
        problem: 'leaves nothing to redirect',
        accepted: 'at least one redirect rule or host, or a fallback address',
      },
    ]);
  }
});

test('a router whose only rule is malformed does have a rule', () => {
  expect(readRouter({ redirectRules: [tcp(0, '10.0.0.1')] }).issues.map(({ path }) => path)).toEqual([
    'redirectRules[0].port',
  ]);
});

test('while an address is refused, nothing is said about what destinations lack', () => {
  const addresses = [{ ip: '192.168.12.99' }];
  expect(readRouter({ addresses, redirectRules: [tcp(80, '2001:db8::1')] }).issues.map(({ path }) => path)).toEqual([
    'addresses[0].ip',
  ]);
});
