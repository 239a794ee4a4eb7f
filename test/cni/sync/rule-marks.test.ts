import { RuleMarks } from '../../../cni/sync/rule-marks';
import type { SyncedConnection } from '../../../cni/sync/synced-connection';
import type { MarkedRules } from '../../../src/domain/data-plane/marked-rules';
import type { PortSpread } from '../../../src/domain/data-plane/port-spread';
import type { RedirectRule } from '../../../src/domain/router/redirect-rule';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';
import type { Protocol } from '../../../src/domain/values/protocol';

const address = (text: string) => parseIpAddress(text) as IpAddress;
const octets = (text: string) => Uint8Array.from(address(text).bytes);

const rule = (protocol: Protocol, port: number, destination: string, targetPort = port): RedirectRule => ({
  protocol,
  port,
  destination: address(destination),
  targetPort,
});

const spread = (port: number, targets: readonly string[], retired: readonly string[] = []): PortSpread => ({
  protocol: 'TCP',
  port,
  family: 4,
  targetPort: 443,
  targets: targets.map((text, index) => ({ address: address(text), mark: port + index })),
  retired: retired.map((text, index) => ({ address: address(text), mark: port + 100 + index })),
});

const RULES: MarkedRules = {
  rules: [
    { rule: rule('TCP', 8443, '203.0.113.26', 443), mark: 7 },
    { rule: rule('UDP', 8443, '203.0.113.26', 443), mark: 8 },
    { rule: rule('TCP', 8443, '2001:db8::26', 443), mark: 9 },
  ],
  spreads: [spread(20_000, ['198.51.100.1', '198.51.100.2'], ['198.51.100.3']), spread(21_000, [])],
  fallbacks: [{ address: address('203.0.113.1'), mark: 3 }],
};

const connection = (more: Partial<SyncedConnection> = {}): SyncedConnection => ({
  protocol: 6,
  client: octets('10.244.1.7'),
  clientPort: 40_000,
  calledPort: 8443,
  server: octets('203.0.113.26'),
  serverPort: 443,
  sourcePort: 50_000,
  state: 3,
  ...more,
});

const IPV6 = { client: octets('fd00::7'), server: octets('2001:db8::26') };
const ofHost = (server: string, calledPort = 20_000) => ({ calledPort, server: octets(server) });
const byFallback = (port: number, serverPort = port) => ({
  calledPort: port,
  server: octets('203.0.113.1'),
  serverPort,
});

describe('the mark of a connection that another pod had', () => {
  test.each<[string, Partial<SyncedConnection>, number | undefined]>([
    ['the rule of its port', {}, 7],
    ['the rule of its protocol', { protocol: 17 }, 8],
    ['the rule of its family', IPV6, 9],
    ['an address of its host', ofHost('198.51.100.2'), 20_001],
    ['an address that its host had', ofHost('198.51.100.3'), 20_100],
    ['the fallback', byFallback(5000), 3],
  ])('is that of %s', (_name, more, mark) => {
    expect(new RuleMarks(RULES).of(connection(more))).toBe(mark);
  });

  test.each<[string, Partial<SyncedConnection>]>([
    ['a port without a rule', { calledPort: 8444 }],
    ['another protocol', { protocol: 132 }],
    ['another server', { server: octets('203.0.113.27') }],
    ["another port of the rule's server", { serverPort: 444 }],
    ['an address that its host never had here', ofHost('198.51.100.4')],
    ['a port that has a rule now, and had the fallback', byFallback(8443)],
    ['a port of a host without an address', byFallback(21_000)],
    ['the fallback, on another port', byFallback(5000, 5001)],
    ['a family without a fallback', { ...IPV6, calledPort: 5000, serverPort: 5000 }],
  ])('does not exist for %s', (_name, more) => {
    expect(new RuleMarks(RULES).of(connection(more))).toBeUndefined();
  });
});
