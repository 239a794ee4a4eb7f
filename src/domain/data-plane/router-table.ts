import type { NetworkConfig } from '../router/network-config';
import type { Family, IpAddress } from '../values/ip-address';
import { type MarkedFallback, type MarkedRule, type MarkedRules, markedByPlace, marksOf } from './marked-rules';
import type { NftChain, NftMap, NftRule, NftSet, NftStatement, NftTable } from './nft-table';

/** Name of the router's table in the pod's namespace. */
export const TABLE_NAME = 'egress_router';

/** Version of the layout. Increase it when this release cannot compare or change the table of an older one. */
const LAYOUT = 1;

/** The comment of the table: its layout and its router's interface. It identifies a second router in one pod. */
export function tableComment(link: string): string {
  return `egress-router layout ${LAYOUT} interface ${link}`;
}

/** The part of a router for one address family. */
interface FamilyPart {
  readonly family: Family;
  readonly reserved: IpAddress;
  readonly rules: readonly MarkedRule[];
  readonly fallback?: MarkedFallback;
}

/** The interfaces of a router, by which packets come in and go out. */
export interface RouterInterfaces {
  readonly primary: string;
  readonly link: string;
}

/**
 * The router's nf_tables table.
 *
 * Every connection has the mark of its rule, and only that mark admits its packets, in both directions. So removing a
 * rule stops its connections at the next packet, replies and path-MTU errors pass with their connection, and packets of
 * no rule are dropped in both directions. Maps instead of rule lists keep the cost of a connection independent of the
 * number of rules.
 *
 * @param marked the redirected ports, where rules have marks already
 */
export function routerTable(
  config: NetworkConfig,
  link: string,
  primary: string,
  marked: MarkedRules = markedByPlace(config),
): NftTable {
  const parts = familyParts(config, marked);
  const interfaces = { primary, link };
  return {
    name: TABLE_NAME,
    comment: tableComment(link),
    ...routerElements(config, marked),
    chains: [
      preroutingChain(config, interfaces, marked),
      postrouting(parts, interfaces),
      forward(interfaces),
      input(parts, interfaces),
    ],
  };
}

/** The maps and sets of a router, with elements for these rules. */
export function routerElements(
  config: NetworkConfig,
  marked: MarkedRules,
): { readonly maps: readonly NftMap[]; readonly sets: readonly NftSet[] } {
  const { counters } = config.options;
  const parts = familyParts(config, marked);
  const marks = parts.flatMap(({ rules, fallback }) => marksOf({ rules, fallbacks: fallback ? [fallback] : [] }));
  return {
    maps: parts.flatMap((part) => maps(part, counters)),
    sets: ['sent', 'received'].map((name) => ({ name, counter: counters, marks })),
  };
}

function familyParts({ addresses }: NetworkConfig, { rules, fallbacks }: MarkedRules): FamilyPart[] {
  return addresses.map(({ cidr: { address: reserved } }) => {
    const { family } = reserved;
    const fallback = fallbacks.find(({ address }) => address.family === family);
    const part = { family, reserved, rules: rules.filter(({ rule }) => rule.destination.family === family) };
    return fallback === undefined ? part : { ...part, fallback };
  });
}

/** Name of the map from port to the rule's mark. */
export const marksMap = (family: Family) => `marks${family}`;
/** Name of the map from port to the rule's destination. */
export const redirectMap = (family: Family) => `redirect${family}`;

function maps({ family, rules }: FamilyPart, counter: boolean): NftMap[] {
  return [
    {
      kind: 'mark',
      name: marksMap(family),
      elements: rules.map(({ rule: { protocol, port }, mark }) => ({ protocol, port, mark })),
    },
    {
      kind: 'target',
      name: redirectMap(family),
      family,
      counter,
      elements: rules.map(({ rule: { protocol, port, destination: address, targetPort } }) => ({
        protocol,
        port,
        address,
        targetPort,
      })),
    },
  ];
}

const iifname = (name: string): NftStatement => ({ kind: 'iifname', name });
const oifname = (name: string): NftStatement => ({ kind: 'oifname', name });
const nfproto = (family: Family): NftStatement => ({ kind: 'nfproto', family });

/** Handles a connection's first packet: sets the rule's mark, then redirects. The only chain with fallbacks. */
export function preroutingChain(config: NetworkConfig, { primary }: RouterInterfaces, marked: MarkedRules): NftChain {
  const { healthPort } = config.options;
  return {
    name: 'prerouting',
    type: 'nat',
    hook: 'prerouting',
    priority: -100,
    policy: 'accept',
    rules: familyParts(config, marked).flatMap(({ family, fallback }): NftRule[] => [
      [nfproto(family), iifname(primary), { kind: 'ct-mark-from', map: marksMap(family) }],
      [nfproto(family), iifname(primary), { kind: 'dnat-from', family, map: redirectMap(family) }],
      ...(fallback === undefined ? [] : fallbackRules(fallback, primary, healthPort)),
    ]),
  };
}

/** Everything else, except for the pod's health port and packets that are not unicast. */
function fallbackRules({ address, mark }: MarkedFallback, primary: string, healthPort: number | undefined): NftRule[] {
  const fromClients = [nfproto(address.family), iifname(primary)];
  const take: NftRule = [
    ...fromClients,
    { kind: 'pkttype-host' },
    { kind: 'ct-mark', mark },
    { kind: 'dnat', address },
  ];
  if (healthPort === undefined) return [take];
  return [[...fromClients, { kind: 'tcp-dport', port: healthPort }, { kind: 'return' }], take];
}

function postrouting(parts: readonly FamilyPart[], { link }: RouterInterfaces): NftChain {
  return {
    name: 'postrouting',
    type: 'nat',
    hook: 'postrouting',
    priority: 100,
    policy: 'accept',
    rules: parts.map(({ family, reserved }) => [nfproto(family), oifname(link), { kind: 'snat', address: reserved }]),
  };
}

/**
 * Conntrack matches a packet to a connection regardless of its interface. A LAN host with a client's address must not
 * use the client's connection, nor a pod with a server's address the server's: each side may send only in its own
 * direction.
 */
function forward({ primary, link }: RouterInterfaces): NftChain {
  const direction = (name: 'original' | 'reply'): NftStatement => ({ kind: 'ct-direction', direction: name });
  return {
    name: 'forward',
    type: 'filter',
    hook: 'forward',
    priority: 0,
    policy: 'drop',
    rules: [
      [iifname(primary), oifname(link), direction('original'), { kind: 'ct-mark-in', set: 'sent' }, { kind: 'accept' }],
      [
        iifname(link),
        oifname(primary),
        direction('reply'),
        { kind: 'ct-mark-in', set: 'received' },
        { kind: 'accept' },
      ],
    ],
  };
}

/** The LAN cannot reach the pod's own ports; ICMP and neighbour discovery work. */
function input(parts: readonly FamilyPart[], { primary, link }: RouterInterfaces): NftChain {
  const icmp: Readonly<Record<Family, 'icmp' | 'ipv6-icmp'>> = { 4: 'icmp', 6: 'ipv6-icmp' };
  return {
    name: 'input',
    type: 'filter',
    hook: 'input',
    priority: 0,
    policy: 'accept',
    rules: [
      // Conntrack does not translate a client's packet outside of the expected window. The pod itself would answer it
      // with a reset, which would end a connection because of one late packet.
      [iifname(primary), { kind: 'ct-state', states: ['invalid'] }, { kind: 'drop' }],
      [iifname(link), { kind: 'ct-state', states: ['established', 'related'] }, { kind: 'accept' }],
      ...parts.map(
        ({ family }): NftRule => [iifname(link), { kind: 'l4proto', protocol: icmp[family] }, { kind: 'accept' }],
      ),
      [iifname(link), { kind: 'drop' }],
    ],
  };
}
