import type { NetworkConfig } from '../router/network-config';
import type { Cidr } from '../values/cidr';
import type { Family } from '../values/ip-address';
import type { MacAddress } from '../values/mac-address';
import type { Macvlan } from '../values/macvlan';
import { connectionSettings } from './connection-settings';
import type { NftTable } from './nft-table';
import { routerTable } from './router-table';
import {
  type DataPlanePolicyRule,
  type DataPlaneRoute,
  keptTable,
  LINK_GROUP,
  linkRoutes,
  policyRules,
} from './routing';

/**
 * What the pod's namespace must hold: everything that ADD applies, CHECK compares, and `plan` prints. Plain values;
 * links and tables have names, not numbers, so it is the same on every node.
 */
export interface DataPlane {
  /** Name of the pod's interface on the cluster network, such as `eth0`. */
  readonly primaryInterface: string;
  readonly link: DataPlaneLink;
  /** MAC address of a pod that does not have the addresses; absent without a standby. */
  readonly standbyMac?: MacAddress;
  /** Addresses of the link; the main table gets no route to their subnets. */
  readonly addresses: readonly Cidr[];
  /** Routes in a routing table of their own. */
  readonly routes: readonly DataPlaneRoute[];
  /**
   * The routing table of the primary interface's default routes, which ADD copies: main may lose them. The value does
   * not hold the routes, because they differ from pod to pod.
   */
  readonly keptTable: number;
  /** Rules of policy routing of each family, in the kernel's order. */
  readonly policyRules: readonly DataPlanePolicyRule[];
  /** In the order of writing: what must hold before the link has its addresses, then the others, forwarding last. */
  readonly sysctls: readonly Sysctl[];
  readonly table: NftTable;
  /** How many times the link announces each of its addresses. */
  readonly announcements: number;
}

/** The macvlan interface. */
export interface DataPlaneLink extends Macvlan {
  /** As requested by the runtime, such as `net1`. */
  readonly name: string;
  readonly mac: MacAddress;
  /** Number of its group, by which policy rules exclude it. */
  readonly group: number;
}

/** A kernel setting of the namespace. */
export interface Sysctl {
  /** Below `/proc/sys`: `net/ipv4/ip_forward`. A slash separates, because an interface's name may hold a dot. */
  readonly path: string;
  readonly value: string;
  /** Whether the kernel may lack it, as one without IPv6 does. */
  readonly isOptional: boolean;
  /** The only value to replace: any other one is accepted. */
  readonly insteadOf?: string;
}

/** Whether a setting belongs to the interface of that name, and ends with it. */
export function isSettingOf(link: string, { path }: Sysctl): boolean {
  const [, , , interfaceName, setting] = path.split('/');
  return setting !== undefined && interfaceName === link;
}

/** Whether ADD writes a setting before the link has its addresses. */
export function precedesAddresses(link: string, setting: Sysctl): boolean {
  return isSettingOf(link, setting) || ANSWERS.test(setting.path);
}

/** Settings of other interfaces and of all of them, by which the pod would answer for an address at once. */
const ANSWERS = /\/(proxy_arp|arp_ignore|accept_dad)$/;

/** Whether the kernel says what becomes of connections that began when no process listened. */
const EVENTS = 'net/netfilter/nf_conntrack_events';

/** Whether a setting makes the pod forward packets. */
export function isForwarding({ path }: Sysctl): boolean {
  return /\/(ip_)?forward(ing)?$/.test(path);
}

/** Whether a setting has an accepted value. @param found its value; nothing if the kernel lacks it */
export function isSettled({ value, isOptional, insteadOf }: Sysctl, found: string | undefined): boolean {
  if (found === undefined) return isOptional;
  return found === value || (insteadOf !== undefined && found !== insteadOf);
}

/**
 * The routing protocol number of our routes and policy rules (`proto 101`), unused in iproute2's rt_protos. DEL and
 * CHECK recognize their own routes by it.
 */
export const ROUTE_PROTOCOL = 101;

/**
 * The data plane of a router.
 *
 * @param linkName the interface that the runtime requests, such as `net1`
 * @param primaryInterface the pod's interface on the cluster network, such as `eth0`
 * @param table the redirecting table; default: the configuration's rules, as ADD marks them
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
    link: { name: linkName, mac: config.macAddress, group: LINK_GROUP, ...config.macvlan },
    ...(config.standbyMac === undefined ? {} : { standbyMac: config.standbyMac }),
    addresses: addresses.map(({ cidr: own }) => own),
    routes: linkRoutes(config),
    keptTable: keptTable(config),
    policyRules: policyRules(config, linkName, primaryInterface),
    sysctls: [
      ...sharedSysctls(primaryInterface, families),
      ...linkSysctls(linkName, families),
      ...(options.healthPort === undefined ? [] : neighbourSysctls(linkName, families)),
      ...(config.standbyMac === undefined ? [] : [sysctl(EVENTS, '1', true)]),
      ...connectionSettings(config).map(({ path, value }) => sysctl(path, value, true)),
      ...forwarding(families, [primaryInterface, linkName]),
    ],
    table,
    announcements: options.announcements,
  };
}

/**
 * Settings of the whole namespace that weaken the link's: for the kernel the larger one of both is in force. A node
 * hands them down to its pods, IPv4's by default. The primary interface must not answer for the reserved address
 * either, nor for others, once the pod forwards. Of the other combined settings, the link's own value decides
 * (`rp_filter` 2, `arp_announce` 2, `accept_redirects` and `accept_source_route` 0), or none matters here: no packet
 * leaves by the interface that it came by (`send_redirects`, `proxy_arp_pvlan`), nor is there a proxied neighbour
 * (`proxy_ndp`).
 */
function sharedSysctls(primary: string, families: readonly Family[]): Sysctl[] {
  const [ipv4, ipv6] = [families.includes(4), families.includes(6)];
  return [
    ...(ipv4
      ? [
          sysctl('net/ipv4/conf/all/proxy_arp', '0'),
          sysctl(`net/ipv4/conf/${primary}/proxy_arp`, '0'),
          // As the link's own: more would make it ignore neighbours.
          sysctl('net/ipv4/conf/all/arp_ignore', '1'),
        ]
      : []),
    ...(ipv6 ? [sysctl('net/ipv6/conf/all/accept_dad', '0')] : []),
  ];
}

/** Settings of the link, which end with it. */
function linkSysctls(link: string, families: readonly Family[]): Sysctl[] {
  const ipv4 = (name: string, value: string) => sysctl(`net/ipv4/conf/${link}/${name}`, value);
  const ipv6 = (name: string, value: string) => sysctl(`net/ipv6/conf/${link}/${name}`, value, !families.includes(6));
  return [
    // Loose: packets return to a server by the routing table of redirected traffic, which this check does not consult.
    ipv4('rp_filter', '2'),
    ipv4('proxy_arp', '0'),
    // The LAN learns only the reserved address, and no address of the cluster network.
    ipv4('arp_ignore', '1'),
    ipv4('arp_announce', '2'),
    ipv4('accept_redirects', '0'),
    // A route in a packet's header would lead it past the chain `guard`, to another address of the pod.
    ipv4('accept_source_route', '0'),
    // The kernel announces the address again whenever the link comes up.
    ipv4('arp_notify', '1'),
    ipv6('accept_ra', '0'),
    ipv6('autoconf', '0'),
    ipv6('accept_redirects', '0'),
    ipv6('ndisc_notify', '1'),
    // ADD probes for conflicts itself, and the link-local address has to work at once.
    ipv6('accept_dad', '0'),
    ipv6('disable_ipv6', families.includes(6) ? '0' : '1'),
  ];
}

/**
 * A process without privileges detects a silent gateway within two seconds by sending a datagram a second and reading
 * the neighbour table: an entry without confirmation in the last 0.2 to 0.6 seconds is probed again at the next packet,
 * three times in half a second. The values are multiples of a tick of every usual kernel, so that they read back as
 * written. Older kernels hide them from pods with their own user namespace.
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
 * The setting of the namespace comes last. It also sets IPv4's interfaces, but only if it was off: a node may pass it
 * on to pods with another default for new interfaces, so each interface is set as well.
 */
function forwarding(families: readonly Family[], interfaces: readonly [primary: string, link: string]): Sysctl[] {
  return families.flatMap((family) =>
    family === 4
      ? [
          // ICMP errors to a server (packet too big) must come from the reserved address. By default the pod's main
          // table chooses the source, and with it the primary interface. IPv6 does this by itself.
          sysctl('net/ipv4/icmp_errors_use_inbound_ifaddr', '1'),
          ...interfaces.map((name) => sysctl(`net/ipv4/conf/${name}/forwarding`, '1')),
          sysctl('net/ipv4/ip_forward', '1'),
        ]
      : [
          // With forwarding on, the kernel drops default routes from router advertisements, unless this is 2.
          { ...sysctl(`net/ipv6/conf/${interfaces[0]}/accept_ra`, '2', true), insteadOf: '1' },
          sysctl('net/ipv6/conf/all/forwarding', '1'),
        ],
  );
}

function sysctl(path: string, value: string, isOptional = false): Sysctl {
  return { path, value, isOptional };
}
