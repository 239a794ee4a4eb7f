import { withoutUndefined } from '../input/without-undefined';
import type { NetworkConfig } from '../router/network-config';
import { type Cidr, cidr, networkAddress } from '../values/cidr';
import type { Family, IpAddress } from '../values/ip-address';
import type { MacAddress } from '../values/mac-address';
import type { Macvlan } from '../values/macvlan';
import type { NftTable } from './nft-table';
import { routerTable } from './router-table';

/**
 * What the pod's namespace must hold: everything that ADD makes, CHECK compares, and a plan prints. Plain values; links
 * and tables are named, not numbered, so it is the same on every node.
 */
export interface DataPlane {
  /** Name of the pod's interface on the cluster network, such as `eth0`. */
  readonly primaryInterface: string;
  readonly link: DataPlaneLink;
  /** Addresses of the link, without a route of their subnet in the main table. */
  readonly addresses: readonly Cidr[];
  /** Routes of a table of their own. */
  readonly routes: readonly DataPlaneRoute[];
  /** Rules of policy routing, by ascending priority. */
  readonly policyRules: readonly PolicyRule[];
  /** In the order in which they are written; those of the link are written before it is up, forwarding at the end. */
  readonly sysctls: readonly Sysctl[];
  readonly table: NftTable;
  /** How often the link announces each of its addresses; 0 for never. */
  readonly announcements: number;
}

/** The macvlan interface. */
export interface DataPlaneLink extends Macvlan {
  /** Such as `net1`: what the runtime asks for. */
  readonly name: string;
  readonly mac: MacAddress;
}

export interface DataPlaneRoute {
  readonly family: Family;
  readonly table: number;
  readonly type: 'unicast' | 'unreachable';
  /** Absent: the default route. */
  readonly destination?: Cidr;
  readonly gateway?: IpAddress;
  readonly metric?: number;
}

/** A rule of policy routing: `ip rule add priority PRIORITY from SOURCE iif INCOMING lookup TABLE`. */
export interface PolicyRule {
  readonly family: Family;
  readonly priority: number;
  /** Packets that came in by this interface. */
  readonly incoming?: string;
  /** Packets from this one address. */
  readonly source?: IpAddress;
  /** The table to look up; absent: the packet is refused (`unreachable`). */
  readonly table?: number;
}

/** A kernel setting of the namespace. */
export interface Sysctl {
  /** Below `/proc/sys`: `net/ipv4/ip_forward`. A slash separates, because an interface's name may hold a dot. */
  readonly path: string;
  readonly value: string;
  /** Whether a kernel without it, such as one without IPv6, is good enough. */
  readonly isOptional: boolean;
  /** The only value that it takes the place of: any other is good enough. */
  readonly insteadOf?: string;
}

/** Whether a setting is one of an interface of that name, and ends with it. */
export function isSettingOf(link: string, { path }: Sysctl): boolean {
  const [, , , interfaceName, setting] = path.split('/');
  return setting !== undefined && interfaceName === link;
}

/** Whether a setting lets the pod pass on what was not sent to itself. */
export function isForwarding({ path }: Sysctl): boolean {
  return /\/(ip_)?forward(ing)?$/.test(path);
}

/** Whether a kernel's setting is as it should be. @param found nothing where the kernel has none */
export function isSettled({ value, isOptional, insteadOf }: Sysctl, found: string | undefined): boolean {
  if (found === undefined) return isOptional;
  return found === value || (insteadOf !== undefined && found !== insteadOf);
}

/**
 * Priorities of the policy rules. Below 32766, main's; and the refusal right behind the look-up, so that an emptied table
 * never lets a client's packet fall through to main and leave with the node's address.
 */
const LOOKUP_PRIORITY = 1000;
const REFUSAL_PRIORITY = 1001;

/**
 * The number under which the kernel keeps our routes and policy rules (`proto 101`): free in iproute2's rt_protos, and how
 * DEL and CHECK tell them from everybody else's.
 */
export const ROUTE_PROTOCOL = 101;

/** Behind every other route of the table: the same refusal within it. */
const LAST_METRIC = 0xffffffff;

/**
 * The data plane of a router.
 *
 * @param linkName the interface that the runtime asks for, such as `net1`
 * @param primaryInterface the pod's interface on the cluster network, such as `eth0`
 * @param table what is redirected; default: the configuration's rules, as ADD marks them
 */
export function dataPlane(
  config: NetworkConfig,
  linkName: string,
  primaryInterface: string,
  table: NftTable = routerTable(config, linkName, primaryInterface),
): DataPlane {
  const { addresses, options } = config;
  const families = addresses.map(({ cidr: { address } }) => address.family);
  return {
    primaryInterface,
    link: { name: linkName, mac: config.macAddress, ...config.macvlan },
    addresses: addresses.map(({ cidr: own }) => own),
    routes: routes(config),
    policyRules: addresses.flatMap(({ cidr: { address } }) => [
      { family: address.family, priority: LOOKUP_PRIORITY, incoming: primaryInterface, table: options.routingTable },
      { family: address.family, priority: LOOKUP_PRIORITY, source: address, table: options.routingTable },
      { family: address.family, priority: REFUSAL_PRIORITY, incoming: primaryInterface },
      { family: address.family, priority: REFUSAL_PRIORITY, source: address },
    ]),
    sysctls: [
      ...linkSysctls(linkName, families),
      ...(options.healthPort === undefined ? [] : neighbourSysctls(linkName, families)),
      ...forwarding(families, [primaryInterface, linkName]),
    ],
    table,
    announcements: options.announcements,
  };
}

function routes({ addresses, options: { routingTable: table } }: NetworkConfig): DataPlaneRoute[] {
  return addresses.flatMap(({ cidr: own, gateway }): DataPlaneRoute[] => {
    const { family } = own.address;
    const subnet = cidr(networkAddress(own), own.prefixLength);
    return [
      { family, table, type: 'unicast', destination: subnet },
      ...(gateway === undefined ? [] : [withoutUndefined({ family, table, type: 'unicast' as const, gateway })]),
      { family, table, type: 'unreachable', metric: LAST_METRIC },
    ];
  });
}

/** Settings of the link. They end with it. */
function linkSysctls(link: string, families: readonly Family[]): Sysctl[] {
  const ipv4 = (name: string, value: string) => sysctl(`net/ipv4/conf/${link}/${name}`, value);
  const ipv6 = (name: string, value: string) => sysctl(`net/ipv6/conf/${link}/${name}`, value, !families.includes(6));
  return [
    // Loose: the way back to a server leads by the table of redirected traffic, which this check does not see.
    ipv4('rp_filter', '2'),
    ipv4('proxy_arp', '0'),
    // The LAN learns the reserved address here, and no address of the cluster network.
    ipv4('arp_ignore', '1'),
    ipv4('arp_announce', '2'),
    ipv4('accept_redirects', '0'),
    // The kernel announces the address again whenever the link is taken up.
    ipv4('arp_notify', '1'),
    ipv6('accept_ra', '0'),
    ipv6('autoconf', '0'),
    ipv6('accept_redirects', '0'),
    ipv6('ndisc_notify', '1'),
    // ADD has asked the LAN itself, and the link-local address has to work at once.
    ipv6('accept_dad', '0'),
    ipv6('disable_ipv6', families.includes(6) ? '0' : '1'),
  ];
}

/**
 * A gateway that falls silent is noticed within two seconds by a process that may do no more than send a datagram a second and look
 * at the neighbours: what was not confirmed in the last 0.2 to 0.6 seconds is asked again at the next packet, three
 * times in half a second. The times are whole ticks of every usual kernel, so that they read as they were written.
 * Older kernels hide them from pods with a user namespace of their own.
 */
function neighbourSysctls(link: string, families: readonly Family[]): Sysctl[] {
  return families.flatMap((family) => {
    const neighbour = (name: string, value: string) => sysctl(`net/ipv${family}/neigh/${link}/${name}`, value, true);
    return [
      neighbour('base_reachable_time_ms', '400'),
      neighbour('delay_first_probe_time', '0'),
      neighbour('retrans_time_ms', '160'),
      neighbour('ucast_solicit', '3'),
    ];
  });
}

/**
 * The namespace's own setting comes last. It changes IPv4's interfaces as well, but only when it was off: where nodes hand
 * it down to pods, with another default for new interfaces, each has to be told.
 */
function forwarding(families: readonly Family[], interfaces: readonly [primary: string, link: string]): Sysctl[] {
  return families.flatMap((family) =>
    family === 4
      ? [
          // A server that sends too much at once is told so by net1, from the reserved address: else the pod's main table
          // would choose the source, and the primary interface with it. IPv6 does so by itself.
          sysctl('net/ipv4/icmp_errors_use_inbound_ifaddr', '1'),
          ...interfaces.map((name) => sysctl(`net/ipv4/conf/${name}/forwarding`, '1')),
          sysctl('net/ipv4/ip_forward', '1'),
        ]
      : [
          // A router forgets the default routes that it learned from others, unless it is told to keep listening.
          { ...sysctl(`net/ipv6/conf/${interfaces[0]}/accept_ra`, '2', true), insteadOf: '1' },
          sysctl('net/ipv6/conf/all/forwarding', '1'),
        ],
  );
}

function sysctl(path: string, value: string, isOptional = false): Sysctl {
  return { path, value, isOptional };
}
