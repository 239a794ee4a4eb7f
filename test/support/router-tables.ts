import type { NftMap, NftTable } from '../../src/domain/data-plane/nft-table';
import { routerTable } from '../../src/domain/data-plane/router-table';
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

const protocols = ['TCP', 'UDP', 'SCTP'] as const;
const marks = [0x11, 0x7ffffff2];

/** Clients fall into buckets, which have several destinations; in both families. */
export const SPREAD_TABLE: NftTable = {
  name: 'egress_router',
  comment: 'spread',
  maps: ([4, 6] as const).flatMap((family): NftMap[] => [
    {
      kind: 'bucket',
      name: `buckets${family}`,
      elements: protocols.flatMap((protocol) =>
        Array.from({ length: 64 }, (_, bucket) => ({
          protocol,
          port: 20443,
          bucket: 0x80000000 + bucket,
          mark: marks[bucket % 2]!,
        })),
      ),
    },
    {
      kind: 'mark-target',
      name: `targets${family}`,
      family,
      counter: family === 4,
      elements: protocols.flatMap((protocol) =>
        marks.map((mark, index) => ({
          protocol,
          mark,
          address: parseIpAddress(family === 4 ? `203.0.113.${26 + index}` : `2001:db8::${26 + index}`) as IpAddress,
          targetPort: 443,
        })),
      ),
    },
  ]),
  sets: ([4, 6] as const).map((family) => ({
    kind: 'ports',
    name: `spread${family}`,
    elements: protocols.map((protocol) => ({ protocol, port: 20443 })),
  })),
  chains: [
    {
      name: 'prerouting',
      type: 'nat',
      hook: 'prerouting',
      priority: -100,
      policy: 'accept',
      rules: ([4, 6] as const).map((family) => [
        { kind: 'port-in', set: `spread${family}` },
        { kind: 'ct-mark-bucket', family, modulus: 64, seed: 1, offset: 0x80000000 },
        { kind: 'ct-mark-from-bucket', map: `buckets${family}` },
        { kind: 'dnat-from-mark', family, map: `targets${family}` },
      ]),
    },
  ],
};

/** The tables of routers, by what they have. */
export const ROUTER_TABLES = {
  ipv4: table([4], IPV4),
  ipv6: table([6], IPV6),
  'ipv4-counters': table([4], IPV4, { counters: true }),
  'ipv4-fallback': table([4], [...IPV4, '203.0.113.99']),
  'dual-stack': table([4, 6], [...IPV4, ...IPV6]),
  // Every kind of statement there is.
  'dual-stack-fallback-counters': table([4, 6], [...IPV4, ...IPV6, '203.0.113.99', '2001:db8:113::99'], {
    counters: true,
    healthPort: 9180,
    interfaceArgs: { mtu: '1400' },
    connectionsPerClient: 4000,
  }),
} satisfies Readonly<Record<string, NftTable>>;
