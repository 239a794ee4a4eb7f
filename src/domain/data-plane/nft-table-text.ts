import { bitsOf } from '../values/cidr';
import { nftSetCapacity } from './nft-set-capacity';
import {
  isDynamic,
  type NftChain,
  type NftDynamicSet,
  type NftMap,
  type NftRule,
  type NftSet,
  type NftStatement,
  type NftTable,
} from './nft-table';

/**
 * The table in the syntax of `nft`, as input of `nft -f -`.
 *
 * @param reasonOf the comment above a map, set or chain of that name, if any
 */
export function nftTableText(
  { name, comment, isOwned = false, maps, sets, chains }: NftTable,
  reasonOf: (part: string) => string | undefined = () => undefined,
): string {
  const explained = <Part extends { readonly name: string }>(part: Part, lines: readonly string[]) => {
    const reason = reasonOf(part.name);
    return reason === undefined ? lines : [`\t# ${reason}`, ...lines];
  };
  const blocks = [
    ...maps.map((map) => explained(map, mapBlock(map))),
    ...sets.map((set) => explained(set, setBlock(set))),
    ...chains.map((chain) => explained(chain, chainBlock(chain))),
  ];
  const flags = isOwned ? ['\tflags owner'] : [];
  return [`table inet ${name} {`, `\tcomment "${comment}"`, ...flags, ...blocks.flat(), '}', ''].join('\n');
}

/** The rule as `nft list` prints it. */
export function nftRuleText(rule: NftRule): string {
  return rule.map(statementText).join(' ');
}

/** Such as `type inet_proto . inet_service : mark`. */
function setTypeText(set: NftMap | NftSet): string {
  if (set.kind === 'marks') return 'type mark';
  if (set.kind === 'ports') return 'type inet_proto . inet_service';
  if (set.kind === 'services') return `type inet_proto . ipv${set.family}_addr . inet_service`;
  if (set.kind === 'clients') {
    return `type ipv${set.family}_addr . inet_proto . ipv${set.family}_addr . inet_service`;
  }
  if (set.kind === 'sources' || set.kind === 'addresses') return `type ipv${set.family}_addr`;
  if (set.kind === 'timed-protocols') return 'type inet_proto';
  if (set.kind === 'bucket') return 'type inet_proto . inet_service . mark : mark';
  if (set.kind === 'mark-target') {
    return `type inet_proto . inet_service . mark : ipv${set.family}_addr . inet_service`;
  }
  if (set.kind === 'service-target') {
    return `type ipv${set.family}_addr . inet_proto . inet_service : ipv${set.family}_addr . inet_service`;
  }
  const value = set.kind === 'mark' ? 'mark' : `ipv${set.family}_addr . inet_service`;
  return `type inet_proto . inet_service : ${value}`;
}

/** Such as `type nat hook prerouting priority dstnat; policy accept;`. */
export function nftChainTypeText(chain: Omit<NftChain, 'name' | 'rules' | 'type'> & { readonly type: string }): string {
  const { type, hook, priority, policy } = chain;
  return `type ${type} hook ${hook} priority ${PRIORITIES.get(priority) ?? priority}; policy ${policy};`;
}

/** A mark as `nft list` prints it. */
export function nftMarkText(mark: number): string {
  return `0x${mark.toString(16).padStart(8, '0')}`;
}

/** Names of `nft` for priorities of the family `inet`. */
const PRIORITIES: ReadonlyMap<number, string> = new Map([
  [-150, 'mangle'],
  [-100, 'dstnat'],
  [0, 'filter'],
  [100, 'srcnat'],
]);

function mapBlock(map: NftMap): string[] {
  return block(`map ${map.name}`, [...declaration(map), ...elementList(nftElementTexts(map))]);
}

function setBlock(set: NftSet): string[] {
  if (isDynamic(set)) return block(`set ${set.name}`, [...declaration(set), `flags ${flagOf(set)}`]);
  return block(`set ${set.name}`, [...declaration(set), ...elementList(nftElementTexts(set))]);
}

function flagOf({ kind }: NftDynamicSet): string {
  return kind === 'timed-protocols' ? 'timeout' : 'dynamic';
}

/** The elements of a map or set, as `nft` takes them. */
export function nftElementTexts(set: Exclude<NftMap | NftSet, NftDynamicSet>): string[] {
  switch (set.kind) {
    case 'mark':
      return set.elements.map(({ protocol, port, mark }) => `${portKey(protocol, port)} : ${nftMarkText(mark)}`);
    case 'target':
      return set.elements.map(
        ({ protocol, port, address, targetPort }) => `${portKey(protocol, port)} : ${address.text} . ${targetPort}`,
      );
    case 'bucket':
      return set.elements.map(
        ({ protocol, port, bucket, mark }) =>
          `${portKey(protocol, port)} . ${nftMarkText(bucket)} : ${nftMarkText(mark)}`,
      );
    case 'mark-target':
      return set.elements.map(
        ({ protocol, port, mark, address, targetPort }) =>
          `${portKey(protocol, port)} . ${nftMarkText(mark)} : ${address.text} . ${targetPort}`,
      );
    case 'marks':
      return set.marks.map(nftMarkText);
    case 'ports':
      return set.elements.map(({ protocol, port, comment }) => `${portKey(protocol, port)}${commentText(comment)}`);
    case 'service-target':
      return set.elements.map(
        ({ protocol, address, port, target, targetPort }) =>
          `${address.text} . ${portKey(protocol, port)} : ${target.text} . ${targetPort}`,
      );
    case 'addresses':
      return set.elements.map(({ text }) => text);
    case 'services':
      return set.elements.map(({ protocol, address, port }) => `${protocol.toLowerCase()} . ${address.text} . ${port}`);
  }
}

function chainBlock(chain: NftChain): string[] {
  return block(`chain ${chain.name}`, [nftChainTypeText(chain), ...chain.rules.map(nftRuleText)]);
}

function block(head: string, lines: readonly string[]): string[] {
  return [`\t${head} {`, ...lines.map((line) => `\t\t${line}`), '\t}'];
}

function portKey(protocol: string, port: number): string {
  return `${protocol.toLowerCase()} . ${port}`;
}

function commentText(comment: string | undefined): string {
  return comment === undefined ? '' : ` comment "${comment}"`;
}

function declaration(set: NftMap | NftSet): string[] {
  const counter = 'counter' in set && set.counter ? ['counter'] : [];
  return [setTypeText(set), `size ${nftSetCapacity(set)}`, ...counter];
}

/** `nft` rejects an empty list. */
function elementList(elements: readonly string[]): string[] {
  return elements.length === 0 ? [] : [`elements = { ${elements.join(',\n\t\t\t     ')} }`];
}

function statementText(statement: NftStatement): string {
  return (TEXTS[statement.kind] as (statement: NftStatement) => string)(statement);
}

type Texts = {
  readonly [Kind in NftStatement['kind']]: (statement: Extract<NftStatement, { readonly kind: Kind }>) => string;
};

const TEXTS: Texts = {
  nfproto: ({ family }) => `meta nfproto ipv${family}`,
  iifname: ({ name }) => `iifname "${name}"`,
  'not-iifname': ({ name }) => `iifname != "${name}"`,
  oifname: ({ name }) => `oifname "${name}"`,
  'not-oifname': ({ name }) => `oifname != "${name}"`,
  'pkttype-host': () => 'meta pkttype host',
  l4proto: ({ protocol }) => `meta l4proto ${protocol}`,
  'l4proto-not': ({ protocol }) => `meta l4proto != ${protocol}`,
  'icmp-type': ({ family, type }) => `${ICMP_WORDS[family]} type ${type}`,
  limit: ({ isOver, perSecond }) => `limit rate ${isOver ? 'over ' : ''}${perSecond}/second burst ${perSecond} packets`,
  address: ({ side, cidr: { address, prefixLength, text } }) =>
    `${IP_WORDS[address.family]} ${side} ${prefixLength === bitsOf(address.family) ? address.text : text}`,
  'address-in': ({ family, side, set }) => `${IP_WORDS[family]} ${side} @${set}`,
  'called-in': ({ family, set }) => `ct original ${IP_WORDS[family]} daddr @${set}`,
  'from-local': () => 'fib saddr type local',
  'not-from-local': () => 'fib saddr type != local',
  'not-to-interface': () => 'fib daddr . iif type != local',
  'tcp-dport': ({ port }) => `tcp dport ${port}`,
  'udp-dport': ({ port }) => `udp dport ${port}`,
  'tcp-syn': () => 'tcp flags syn / syn,rst',
  'mss-of-route': () => 'tcp option maxseg size set rt mtu',
  'tcp-neither-syn-nor-rst': () => 'tcp flags ! syn,rst',
  'service-in': ({ family, set }) => `meta l4proto . ${IP_WORDS[family]} daddr . th dport @${set}`,
  'ct-state': ({ states }) => `ct state ${states.join(',')}`,
  'ct-direction': ({ direction }) => `ct direction ${direction}`,
  'ct-marked': () => 'ct mark != 0x00000000',
  'connections-over': ({ family, set, limit }) => {
    const ip = IP_WORDS[family];
    return `add @${set} { ${ip} saddr . meta l4proto . ${ip} daddr . th dport ct count over ${limit} }`;
  },
  'source-over': ({ family, set, limit }) => `add @${set} { ${IP_WORDS[family]} saddr ct count over ${limit} }`,
  counter: () => 'counter',
  'ct-mark-in': ({ set }) => `ct mark @${set}`,
  'ct-mark-bits-in': ({ mask, set }) => `ct mark & ${nftMarkText(mask)} == @${set}`,
  'ct-mark-from-on': ({ mark }) => `ct mark >= ${nftMarkText(mark)}`,
  'ct-mark-keep': ({ mask }) => `ct mark set ct mark & ${nftMarkText(mask)}`,
  'l4proto-in': ({ set }) => `meta l4proto @${set}`,
  'ct-mark-from': ({ map }) => `ct mark set meta l4proto . th dport map @${map}`,
  'port-in': ({ set }) => `meta l4proto . th dport @${set}`,
  'ct-mark-bucket': ({ family, modulus, seed, offset }) =>
    `ct mark set jhash ${IP_WORDS[family]} saddr mod ${modulus} seed 0x${seed.toString(16)} offset ${offset}`,
  'ct-mark-from-bucket': ({ map }) => `ct mark set meta l4proto . th dport . ct mark map @${map}`,
  'dnat-from-mark': ({ family, map }) => `dnat ${IP_WORDS[family]} to meta l4proto . th dport . ct mark map @${map}`,
  'ct-mark': ({ mark }) => `ct mark set ${nftMarkText(mark)}`,
  'dnat-from': ({ family, map }) => `dnat ${IP_WORDS[family]} to meta l4proto . th dport map @${map}`,
  'dnat-from-service': ({ family, map }) =>
    `dnat ${IP_WORDS[family]} to ${IP_WORDS[family]} daddr . meta l4proto . th dport map @${map}`,
  dnat: ({ address }) => `dnat ${IP_WORDS[address.family]} to ${address.text}`,
  snat: ({ address }) => `snat ${IP_WORDS[address.family]} to ${address.text} fully-random`,
  masquerade: () => 'masquerade fully-random',
  'reject-reset': () => 'reject with tcp reset',
  'reject-port': () => 'reject',
  accept: () => 'accept',
  drop: () => 'drop',
  return: () => 'return',
};

const IP_WORDS = { 4: 'ip', 6: 'ip6' } as const;
const ICMP_WORDS = { 4: 'icmp', 6: 'icmpv6' } as const;
