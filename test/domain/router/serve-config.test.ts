import * as fc from 'fast-check';
import {
  decodeConfigWithoutRules,
  decodeNetworkConfig,
  encodeNetworkConfig,
  type NetworkConfig,
} from '../../../src/domain/router/network-config';
import type { RedirectRule } from '../../../src/domain/router/redirect-rule';
import { decodeServeConfig, neighboursOf, serveConfig } from '../../../src/domain/router/serve-config';
import { networkConfig } from '../../support/arbitrary-network-config';
import { issuesOf } from '../../support/network-config';

const BASE = { cniVersion: '1.0.0', name: 'db', type: 'egress-router' };
const decode = (ip: object, top: object = {}) => decodeNetworkConfig({ ...BASE, ...top, ip });

const V4 = { addresses: ['192.168.12.99/24'], gateway: '192.168.12.1', destinations: ['8443 TCP 203.0.113.26 443'] };

function neighbourTexts(config: NetworkConfig): string[] {
  return neighboursOf(config).map(({ source, address, isGateway }) => {
    return `${source.text} asks ${address.text}${isGateway ? ', its gateway' : ''}`;
  });
}

test('the process of a router with a gateway needs neither rule nor fallback', () => {
  const config = serveConfig(decode({ ...V4, fallbackIP: '203.0.113.27' }, { healthPort: 9180 }));
  expect(config.ip).toEqual({ addresses: V4.addresses, gateway: V4.gateway, destinations: [] });
  expect(neighbourTexts(decodeServeConfig(config))).toEqual(['192.168.12.99 asks 192.168.12.1, its gateway']);
});

test('an address without a gateway keeps its first destination', () => {
  const config = serveConfig(
    decode({
      addresses: ['192.168.12.99/24', '2001:db8:12::99/64'],
      gateway: 'fe80::1',
      destinations: ['1 TCP 2001:db8:113::26', '80 TCP 192.168.12.50', '81 TCP 192.168.12.51'],
      fallbackIP: '192.168.12.52',
    }),
  );
  expect(config.ip).toMatchObject({ destinations: ['80 TCP 192.168.12.50'] });
  expect(config.ip).not.toHaveProperty('fallbackIP');
  expect(neighbourTexts(decodeServeConfig(config))).toEqual([
    '192.168.12.99 asks 192.168.12.50',
    '2001:db8:12::99 asks fe80::1, its gateway',
  ]);
});

test('an address with neither gateway nor rules keeps its fallback', () => {
  const ip = { addresses: ['192.168.12.99/24'], fallbackIP: '192.168.12.52' };
  const config = serveConfig(decode(ip, { healthPort: 9180 }));
  expect(config.ip).toMatchObject({ destinations: [], fallbackIP: '192.168.12.52' });
  expect(neighbourTexts(decodeServeConfig(config))).toEqual(['192.168.12.99 asks 192.168.12.52']);
});

test('live rules keep no destination: a changed rule would change the pod', () => {
  const ip = { addresses: ['192.168.12.99/24'], destinations: ['80 TCP 192.168.12.50'], fallbackIP: '192.168.12.52' };
  const config = serveConfig(decode(ip, { liveRules: true }));
  expect(config).toMatchObject({ liveRules: true, ip: { addresses: ip.addresses, destinations: [] } });
  expect(config.ip).not.toHaveProperty('fallbackIP');
  expect(neighbourTexts(decodeServeConfig(config))).toEqual([]);
});

test('an address that sends nothing asks nothing', () => {
  const addresses = ['192.168.12.99/24', '2001:db8:12::99/64'];
  const config = serveConfig(decode({ addresses, destinations: ['80 TCP 192.168.12.50'] }));
  expect(neighbourTexts(decodeServeConfig(config))).toEqual(['192.168.12.99 asks 192.168.12.50']);
});

test('every router comes back as it was, but for the rules that are not needed', () => {
  fc.assert(
    fc.property(networkConfig, (config) => {
      const { healthPort } = config.options;
      const takesDefault = ({ protocol, port }: RedirectRule) => protocol === 'TCP' && port === 9180;
      fc.pre(healthPort !== undefined || (config.fallbacks.length === 0 && !config.rules.some(takesDefault)));
      const written = JSON.parse(JSON.stringify(serveConfig(config)));
      const { rules, fallbacks, ...router } = decodeServeConfig(written);
      const { rules: _, fallbacks: __, ...wanted } = config;
      const { liveRules, counters } = config.options;
      const hosts = counters && !liveRules ? config.hosts.map((host) => ({ ...host, addresses: [] })) : [];
      expect(router).toStrictEqual({ ...wanted, hosts });
      if (!liveRules) {
        expect(neighboursOf({ ...router, rules, fallbacks })).toStrictEqual(neighboursOf(config));
      }
      expect(rules.length + fallbacks.length).toBeLessThanOrEqual(config.options.liveRules ? 0 : 2);
    }),
  );
});

test('hosts keep their names and ports where rules are counted, and nothing else of them is kept', () => {
  const hosts = [{ name: 'api.bank.example', ports: ['20443 TCP 443'], addresses: ['203.0.113.26'] }];
  const ip = { ...V4, hosts };
  expect(serveConfig(decode(ip)).ip).not.toHaveProperty('hosts');
  const counted = serveConfig(decode(ip, { counters: true }));
  expect(counted.ip).toMatchObject({
    destinations: [],
    hosts: [{ name: 'api.bank.example', ports: ['20443 TCP 443'] }],
  });
  expect(decodeServeConfig(counted)).toMatchObject({ rules: [], hosts: [{ name: 'api.bank.example', addresses: [] }] });
  expect(serveConfig(decode(ip, { counters: true, liveRules: true })).ip).not.toHaveProperty('hosts');
});

test('a complete configuration is taken as well', () => {
  const config = decode({ ...V4, fallbackIP: '203.0.113.27' }, { healthPort: 9180 });
  expect(decodeServeConfig(encodeNetworkConfig(config))).toStrictEqual(config);
});

test.each([[{}], [{ healthPort: null }]])('without a health port the configuration is the one of ADD: %j', (top) => {
  const input = { ...BASE, ...top, ip: V4 };
  expect(decodeServeConfig(input)).toStrictEqual(decodeConfigWithoutRules(input));
});

test('a given health port stays', () => {
  expect(decodeServeConfig({ ...BASE, ip: V4, healthPort: 8081 }).options.healthPort).toBe(8081);
});

test('a fallback without a health port is refused: it would answer the probes', () => {
  expect(issuesOf(() => decodeServeConfig({ ...BASE, ip: { ...V4, fallbackIP: '203.0.113.27' } }))).toEqual([
    {
      path: 'healthPort',
      value: undefined,
      problem: 'is missing beside a fallback, which takes port 9180, where the router answers probes',
      accepted: 'a port, such as 9180, in the network configuration and here',
    },
  ]);
});

test.each([
  [{}, 9180],
  [{ healthPort: 8081 }, 8081],
])('a rule that takes the health port is refused: %j', (top, port) => {
  const input = { ...BASE, ...top, ip: { ...V4, destinations: [`${port} TCP 203.0.113.26 443`] } };
  expect(issuesOf(() => decodeServeConfig(input))).toEqual([
    {
      path: 'ip.destinations[0]',
      value: `${port} TCP 203.0.113.26 443`,
      problem: 'takes the health port, where the router answers probes',
      accepted: `a TCP port other than ${port}, or another health port`,
    },
  ]);
});

test.each([[null], [[]], ['{}'], [7]])('%j is refused as no object', (input) => {
  expect(issuesOf(() => decodeServeConfig(input))).toEqual([
    {
      path: '',
      value: input,
      problem: 'is not an object',
      accepted: 'an object',
    },
  ]);
});

test('issues of a router without rules are reported as usual', () => {
  const input = { ...BASE, ip: { addresses: ['192.168.12.99'] } };
  expect(issuesOf(() => decodeServeConfig(input))).toMatchObject([{ path: 'ip.addresses[0]', value: '192.168.12.99' }]);
});
