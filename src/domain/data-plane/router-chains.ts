import type { NetworkConfig } from '../router/network-config';
import { PAIR_PORT } from '../router/pair';
import { cidr } from '../values/cidr';
import { type Family, fromBytes } from '../values/ip-address';
import { clientSet } from './client-sets';
import { type FamilyPart, familyParts } from './family-part';
import { HEALTH_CONNECTIONS, healthSet } from './health-sets';
import { holdOfAnswers, holdRules, receivedMark } from './hold';
import { acceptedIcmp, boundOfAnswers, IPV6_LINK_LOCAL } from './link-answers';
import type { MarkedFallback, MarkedRules } from './marked-rules';
import {
  ACCEPT,
  address,
  COUNTER,
  DROP,
  direction,
  ICMP_NAMES,
  IS_ICMPV6,
  iifname,
  LOOPBACK,
  nfproto,
  notIifname,
  oifname,
  RETURN,
  state,
  within,
} from './nft-statements';
import type { NftChain, NftRule, NftStatement } from './nft-table';
import { outputChain } from './output-chain';
import type { RouterInterfaces } from './router-interfaces';
import { marksMap, redirectMap } from './rule-elements';
import { spreadRules } from './spread-elements';

/** All chains of a router's table, in the order of the hooks that a packet passes. */
export function routerChains(config: NetworkConfig, interfaces: RouterInterfaces, marked: MarkedRules): NftChain[] {
  const parts = familyParts(config, marked);
  return [
    guard(parts, interfaces),
    ...chainsWithFallbacks(config, interfaces, marked),
    postrouting(parts, interfaces, config.options.connectionsPerClient),
    forward(config, interfaces),
    input(parts, interfaces, config),
  ];
}

/** The chains that name fallbacks, and change with them. */
export function chainsWithFallbacks(
  config: NetworkConfig,
  interfaces: RouterInterfaces,
  marked: MarkedRules,
): NftChain[] {
  const parts = familyParts(config, marked);
  return [prerouting(parts, interfaces, config), outputChain(parts, interfaces.link)];
}

/** NF_IP_PRI_RAW_BEFORE_DEFRAG */
const BEFORE_FRAGMENTS = -450;

/** Multicast on the link: neighbour discovery and multicast listener discovery. */
const IPV6_LINK_MULTICAST = cidr(fromBytes([0xff, 0x02, ...new Array<number>(14).fill(0)]), 16);

/**
 * Each address belongs to its interface (the strong host model of RFC 1122): the kernel by itself answers on net1 for
 * the pod's address of the cluster network, and the answer goes to any pod that the question names as its source. On
 * net1 arrive only packets to the reserved address, and what IPv6 needs on a link. Before fragments are put together:
 * for one that stays alone the kernel sends an error, by eth0 where a packet of the LAN claims to come from a client.
 * Every packet passes this chain, so that the first rule ends it for clients: the chains `prerouting` and `input` drop
 * what comes by the primary interface from or to the reserved address.
 */
function guard(parts: readonly FamilyPart[], { link }: RouterInterfaces): NftChain {
  const neighbours = parts.some(({ family }) => family === 6) ? [IPV6_LINK_LOCAL, IPV6_LINK_MULTICAST] : [];
  return {
    name: 'guard',
    type: 'filter',
    hook: 'prerouting',
    priority: BEFORE_FRAGMENTS,
    policy: 'accept',
    rules: [
      [notIifname(link), ACCEPT],
      ...parts.map(({ reserved }): NftRule => [address('daddr', reserved), ACCEPT]),
      ...neighbours.map((range): NftRule => [IS_ICMPV6, within('daddr', range), ACCEPT]),
      [DROP],
    ],
  };
}

/** Handles a connection's first packet: sets the rule's mark, then redirects. */
function prerouting(
  parts: readonly FamilyPart[],
  { primary }: RouterInterfaces,
  config: Pick<NetworkConfig, 'options' | 'resolver' | 'standbyMac'>,
): NftChain {
  return {
    name: 'prerouting',
    type: 'nat',
    hook: 'prerouting',
    priority: -100,
    policy: 'accept',
    rules: [
      [notIifname(primary), RETURN],
      // No client has an address of the pod; of IPv4, the kernel itself drops such a packet, unless the node's default
      // of accept_local lets it pass. Only what is sent to the pod is redirected: not a multicast address in a unicast
      // frame, which would be answered from that address.
      ...parts.map(
        ({ family, reserved }): NftRule =>
          family === 4 ? [address('saddr', reserved), DROP] : [nfproto(6), { kind: 'from-local' }, DROP],
      ),
      [{ kind: 'not-to-interface' }, RETURN],
      ...parts.flatMap(({ family, fallback }): NftRule[] => [
        [nfproto(family), { kind: 'ct-mark-from', map: marksMap(family) }],
        [nfproto(family), { kind: 'dnat-from', family, map: redirectMap(family) }],
        ...(config.resolver === undefined ? [] : spreadRules(family)),
        ...(fallback === undefined ? [] : fallbackRules(fallback, portsOfProcess(config))),
      ]),
    ],
  };
}

/** The ports on which the pod's own process is asked. */
function portsOfProcess({ options, standbyMac }: Pick<NetworkConfig, 'options' | 'standbyMac'>): NftStatement[] {
  const { healthPort } = options;
  return [
    ...(healthPort === undefined ? [] : [{ kind: 'tcp-dport' as const, port: healthPort }]),
    ...(standbyMac === undefined ? [] : PAIR_PORTS),
  ];
}

const PAIR_PORTS: readonly NftStatement[] = [
  { kind: 'tcp-dport', port: PAIR_PORT },
  { kind: 'udp-dport', port: PAIR_PORT },
];

/** Everything else, except for the process' own ports and packets that are not unicast. */
function fallbackRules(fallback: MarkedFallback, own: readonly NftStatement[]): NftRule[] {
  const family = nfproto(fallback.address.family);
  const take: NftRule = [
    family,
    { kind: 'pkttype-host' },
    { kind: 'ct-mark', mark: fallback.mark },
    { kind: 'dnat', address: fallback.address },
  ];
  return [...own.map((port): NftRule => [family, port, RETURN]), take];
}

/**
 * Gives the connection its source address. The limit of a client's connections is here because a NAT chain costs only
 * the first packet of a connection. Connections of the pod itself have no mark, and are not counted.
 */
function postrouting(parts: readonly FamilyPart[], { link }: RouterInterfaces, limit: number | undefined): NftChain {
  return {
    name: 'postrouting',
    type: 'nat',
    hook: 'postrouting',
    priority: 100,
    policy: 'accept',
    rules: [
      ...(limit === undefined ? [] : parts.map(({ family }) => limitOfClient(family, link, limit))),
      ...parts.map(
        ({ family, reserved }): NftRule => [nfproto(family), oifname(link), { kind: 'snat', address: reserved }],
      ),
    ],
  };
}

/**
 * Pings have no port, and a fallback passes them: each would count as a service of its own. Only dropped packets reach
 * the counter.
 */
function limitOfClient(family: Family, link: string, limit: number): NftRule {
  return [
    oifname(link),
    { kind: 'ct-marked' },
    { kind: 'l4proto-not', protocol: ICMP_NAMES[family] },
    { kind: 'connections-over', family, set: clientSet(family), limit },
    COUNTER,
    DROP,
  ];
}

/**
 * Conntrack matches a packet to a connection regardless of its interface. A LAN host with a client's address must not
 * use the client's connection, nor a pod with a server's address the server's: each side may send only in its own
 * direction.
 *
 * A path may be smaller than what servers know of where the link has an MTU of its own. Without it, segments are as
 * large as both ends want, and a connection costs no further look-ups of routes.
 */
function forward(config: Pick<NetworkConfig, 'macvlan' | 'standbyMac'>, interfaces: RouterInterfaces): NftChain {
  const { primary, link } = interfaces;
  const hasMtu = config.macvlan.mtu !== undefined;
  return {
    name: 'forward',
    type: 'filter',
    hook: 'forward',
    priority: 0,
    policy: 'drop',
    rules: [
      ...(hasMtu ? [[{ kind: 'tcp-syn' as const }, { kind: 'mss-of-route' as const }]] : []),
      ...holdRules(config, interfaces),
      [iifname(primary), oifname(link), direction('original'), { kind: 'ct-mark-in', set: 'sent' }, ACCEPT],
      [iifname(link), oifname(primary), direction('reply'), receivedMark(config, 'received'), ACCEPT],
    ],
  };
}

/**
 * The LAN cannot reach the pod's own ports; ping and neighbour discovery work. The reserved address is the link's
 * alone, also where the pod has more interfaces than these two.
 */
function input(
  parts: readonly FamilyPart[],
  { primary, link }: RouterInterfaces,
  { addresses, options: { healthPort }, standbyMac }: Pick<NetworkConfig, 'addresses' | 'options' | 'standbyMac'>,
): NftChain {
  const others = [notIifname(link), notIifname(LOOPBACK)];
  return {
    name: 'input',
    type: 'filter',
    hook: 'input',
    priority: 0,
    policy: 'accept',
    rules: [
      // Conntrack does not translate a packet outside of the expected window. The pod itself would answer it with a
      // reset, which would end a connection because of one late packet.
      [iifname(primary), state('invalid'), DROP],
      ...parts.flatMap(({ reserved }): NftRule[] => [
        [...others, address('saddr', reserved), DROP],
        [...others, address('daddr', reserved), DROP],
      ]),
      ...(healthPort === undefined ? [] : parts.map(({ family }) => limitOfSource(family, primary, healthPort))),
      [iifname(link), state('invalid'), DROP],
      [iifname(link), state('established', 'related'), ACCEPT],
      ...addresses.flatMap((reserved) => boundOfAnswers(iifname(link), reserved)),
      ...parts.flatMap(({ family }) => acceptedIcmp(iifname(link), family)),
      ...holdOfAnswers({ standbyMac }, link),
      ...rejections(link),
      [iifname(link), DROP],
    ],
  };
}

/** Any pod may connect to the health port. Drops get no answer: a reset would go to whose address a SYN claims. */
function limitOfSource(family: Family, primary: string, healthPort: number): NftRule {
  return [
    iifname(primary),
    state('new'),
    { kind: 'tcp-dport', port: healthPort },
    { kind: 'source-over', family, set: healthSet(family), limit: HEALTH_CONNECTIONS },
    COUNTER,
    DROP,
  ];
}

/**
 * A server's packet of a connection that the router does not know, such as after a restart, gets the answer of any
 * host, so that the server ends the connection at once. Only what conntrack takes for a new connection: a segment
 * outside of the window is invalid, and where a table of others has `notrack`, those of live connections are untracked.
 * A reset for them would end a connection that lives. A SYN gets no answer.
 */
function rejections(link: string): NftRule[] {
  const unknown = [iifname(link), state('new')];
  return [
    [...unknown, { kind: 'tcp-neither-syn-nor-rst' }, { kind: 'reject-reset' }],
    [...unknown, { kind: 'l4proto', protocol: 'udp' }, { kind: 'reject-port' }],
    [...unknown, { kind: 'l4proto', protocol: 'sctp' }, { kind: 'reject-port' }],
  ];
}
