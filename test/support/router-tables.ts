import { NO_RULES } from '../../src/domain/data-plane/marked-rules';
import type { NftTable } from '../../src/domain/data-plane/nft-table';
import { routerTable } from '../../src/domain/data-plane/router-table';
import { ruleChanges, wantedRules } from '../../src/domain/data-plane/rule-changes';
import { decodeNetworkConfig } from '../../src/domain/router/network-config';
import { type IpAddress, parseIpAddress } from '../../src/domain/values/ip-address';

const IPV4 = ['8443 TCP 203.0.113.26 443', '53 UDP 203.0.113.53', '3868 SCTP 203.0.113.68'];
const IPV6 = ['8443 TCP 2001:db8:113::26 443', '53 UDP 2001:db8:113::53', '3868 SCTP 2001:db8:113::68'];
const SUBNET = { 4: '192.168.12.99/24', 6: '2001:db8:12::99/64' };
const GATEWAY = { 4: '192.168.12.1', 6: 'fe80::1' };

function table(families: readonly (4 | 6)[], destinations: readonly string[], top: object = {}): NftTable {
  const ip = {
    addresses: families.map((family) => SUBNET[family]),
    gateways: families.map((family) => GATEWAY[family]),
    destinations,
  };
  const config = decodeNetworkConfig({ cniVersion: '1.0.0', name: 'partners.bank', type: 'egress-router', ip, ...top });
  return routerTable(config, 'net1', 'eth0');
}

/** `count` rules; of the last two thirds of the ports there are none. */
export function manyRules(count: number, top: object = {}): NftTable {
  const destinations = Array.from({ length: count }, (_, index) => {
    const protocol = ['TCP', 'UDP', 'SCTP'][index % 3];
    return `${1 + index} ${protocol} 203.0.${113 + (index >> 8)}.${index & 0xff || 1} ${20000 + index}`;
  });
  return table([4], destinations, top);
}

const RESOLVED = decodeNetworkConfig({
  cniVersion: '1.0.0',
  name: 'partners.bank',
  type: 'egress-router',
  liveRules: true,
  counters: true,
  ip: {
    addresses: [SUBNET[4], SUBNET[6]],
    gateways: [GATEWAY[4], GATEWAY[6]],
    destinations: [...IPV4, '203.0.113.99'],
    hosts: [
      { name: 'api.bank.example', ports: ['20443 TCP 443', '20443 UDP 443', '20443 SCTP 443'] },
      { name: 'unresolved.example', ports: ['20444 TCP 443'] },
    ],
    resolver: { servers: ['203.0.113.53'], clusterCidrs: ['10.96.0.0/12'] },
  },
});

/** A host with several addresses of each family, one that left, and one without any. */
function resolvedTable(): NftTable {
  const answers = [
    ['203.0.113.25', '2001:db8::25'],
    ['203.0.113.26', '203.0.113.27', '2001:db8::26', '2001:db8::27'],
  ].map((texts) => texts.map((text) => parseIpAddress(text) as IpAddress));
  const marked = answers.reduce((inForce, addresses) => {
    const wanted = wantedRules(RESOLVED, ({ name }, family) =>
      name === RESOLVED.hosts[0]!.name ? addresses.filter((address) => address.family === family) : [],
    );
    return ruleChanges(inForce, wanted).after;
  }, NO_RULES);
  return routerTable(RESOLVED, 'net1', 'eth0', marked);
}

/** The tables of routers, by what they have. */
export const ROUTER_TABLES = {
  ipv4: table([4], IPV4),
  ipv6: table([6], IPV6),
  'ipv4-counters': table([4], IPV4, { counters: true }),
  'ipv4-fallback': table([4], [...IPV4, '203.0.113.99']),
  'dual-stack': table([4, 6], [...IPV4, ...IPV6]),
  // With `resolved`, every kind of statement there is.
  'dual-stack-fallback-counters': table([4, 6], [...IPV4, ...IPV6, '203.0.113.99', '2001:db8:113::99'], {
    counters: true,
    healthPort: 9180,
    interfaceArgs: { mtu: '1400' },
    connectionsPerClient: 4000,
    standbyMac: 'e6:65:c0:a8:0c:63',
  }),
  resolved: resolvedTable(),
} satisfies Readonly<Record<string, NftTable>>;
