import type { NetworkConfig } from '../router/network-config';
import type { Family, IpAddress } from '../values/ip-address';
import { type MarkedFallback, type MarkedRule, type MarkedRules, markedByPlace, marksOf } from './marked-rules';
import type { NftChain, NftMap, NftRule, NftSet, NftStatement, NftTable } from './nft-table';

/** Name of the router's table in the pod's namespace. */
export const TABLE_NAME = 'egress_router';

/** Changes when a table of an older release can no longer be told from, or turned into, one of this release. */
const LAYOUT = 1;

/** The comment of the table: which layout it has, and whose it is. A second router in one pod is refused by it. */
export function tableComment(link: string): string {
  return `egress-router layout ${LAYOUT} interface ${link}`;
}

/** What of a router concerns one address family. */
interface FamilyPart {
  readonly family: Family;
  readonly reserved: IpAddress;
  readonly rules: readonly MarkedRule[];
  readonly fallback?: MarkedFallback;
}

/** The way of a packet through one router, by the names of its two interfaces. */
export interface RouterInterfaces {
  readonly primary: string;
  readonly link: string;
}

/**
 * The router's nf_tables table.
 *
 * Every connection carries the mark of the rule that it came through, and every packet of it, in both directions, is
 * admitted by that mark alone. So a removed rule stops its connections at the next packet, replies and path-MTU errors
 * pass with the connection that they belong to, and what no rule names is dropped whichever way it comes. Maps stand
 * where rule lists could: the cost of a connection does not grow with the rules.
 *
 * @param marked what is redirected, where rules have marks already
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

/** The maps and sets of a router, with the elements of these rules. */
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
/** Name of the map from port to where the rule leads. */
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

/** Decides at a connection's first packet: the rule's mark, then where to. The only chain that knows a fallback. */
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

/** Everything else, but for the port on which the pod answers probes, and what is sent to nobody in particular. */
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
 * Conntrack finds a connection whatever interface a packet came in by. A LAN host that pretends to be a client must not get
 * in by that client's connection, nor a pod that pretends to be a server: each side sends in its own direction only.
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

/** The LAN does not reach the pod's own ports; ICMP answers it, and neighbours find each other. */
function input(parts: readonly FamilyPart[], { primary, link }: RouterInterfaces): NftChain {
  const icmp: Readonly<Record<Family, 'icmp' | 'ipv6-icmp'>> = { 4: 'icmp', 6: 'ipv6-icmp' };
  return {
    name: 'input',
    type: 'filter',
    hook: 'input',
    priority: 0,
    policy: 'accept',
    rules: [
      // A client's packet outside the window that conntrack expects is not translated. The pod itself would answer it
      // with a reset, and end a connection that only had a packet late.
      [iifname(primary), { kind: 'ct-state', states: ['invalid'] }, { kind: 'drop' }],
      [iifname(link), { kind: 'ct-state', states: ['established', 'related'] }, { kind: 'accept' }],
      ...parts.map(
        ({ family }): NftRule => [iifname(link), { kind: 'l4proto', protocol: icmp[family] }, { kind: 'accept' }],
      ),
      [iifname(link), { kind: 'drop' }],
    ],
  };
}
