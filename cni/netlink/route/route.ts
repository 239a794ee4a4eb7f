import { type Cidr, cidr } from '../../../src/domain/values/cidr';
import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import { addressFamily, familyOf } from '../../ffi/address-family';
import { EACCES, EHOSTUNREACH, EINVAL, ENETUNREACH, ENOENT } from '../../ffi/errno';
import type { ByteReader } from '../byte-reader';
import { type Message, NLM_F_CREATE, NLM_F_EXCL, type Request } from '../message';
import { hasErrno } from '../netlink-error';
import type { NetlinkSocket } from '../socket';
import * as k from './constants';
import { RT_TABLE_MAIN } from './constants';
import { readIpAddress } from './ip-codec';

export interface Route {
  readonly family: Family;
  readonly table: number;
  readonly type: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';
  /** Absent: the default route. */
  readonly destination?: Cidr;
  readonly gateway?: IpAddress;
  /** Absent for a route without an interface. */
  readonly interfaceIndex?: number;
  readonly metric?: number;
  /** Whether the gateway counts as on the interface's link, without a route to it (`onlink`). */
  readonly isOnLink?: boolean;
  /** The creating program: a number of `rt_protos`. */
  readonly protocol: number;
}

const TYPES: Readonly<Record<Route['type'], number>> = {
  unicast: k.RTN_UNICAST,
  blackhole: k.RTN_BLACKHOLE,
  unreachable: k.RTN_UNREACHABLE,
  prohibit: k.RTN_PROHIBIT,
  throw: k.RTN_THROW,
};

/** `ip route add TYPE DESTINATION via GATEWAY dev NAME table TABLE metric METRIC proto PROTOCOL` */
export function addRoute(route: Route): Request {
  return change(k.RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, 'add', route);
}

/** `ip route delete …` */
export function deleteRoute(route: Route): Request {
  return change(k.RTM_DELROUTE, 0, 'delete', route);
}

function change(type: number, flags: number, verb: string, route: Route): Request {
  const { destination, gateway, interfaceIndex, metric, isOnLink } = route;
  const isOfLink = route.type === 'unicast' && gateway === undefined;
  return {
    type,
    flags,
    operation: `ip route ${verb} ${routeText(route)}`,
    write: (writer) => {
      writer
        .u8(addressFamily(route.family))
        .u8(destination?.prefixLength ?? 0)
        .u8(0)
        .u8(0)
        .u8(route.table)
        .u8(route.protocol)
        .u8(isOfLink && route.family === 4 ? k.RT_SCOPE_LINK : k.RT_SCOPE_UNIVERSE)
        .u8(TYPES[route.type])
        .u32(isOnLink ? k.RTNH_F_ONLINK : 0);
      if (destination !== undefined) writer.attribute(k.RTA_DST, (w) => w.raw(destination.address.bytes));
      if (gateway !== undefined) writer.attribute(k.RTA_GATEWAY, (w) => w.raw(gateway.bytes));
      if (interfaceIndex !== undefined) writer.attribute(k.RTA_OIF, (w) => w.u32(interfaceIndex));
      if (metric !== undefined) writer.attribute(k.RTA_PRIORITY, (w) => w.u32(metric));
    },
  };
}

/** The routes of one table, or of all, without those that the kernel makes for its own addresses. */
export function listRoutes(socket: NetlinkSocket, family: Family, table = k.RT_TABLE_UNSPEC): Route[] {
  const request: Request = {
    type: k.RTM_GETROUTE,
    flags: 0,
    operation: `ip -${family} route show table ${table === k.RT_TABLE_UNSPEC ? 'all' : table}`,
    write: (writer) => writer.u8(addressFamily(family)).zeros(3).u8(table).zeros(7),
  };
  try {
    const routes = socket.dump(request).flatMap((message) => decodeRoute(message) ?? []);
    // A kernel without IPv6 answers with IPv4's, and one before 4.20 with all tables.
    return routes.filter((route) => route.family === family && (table === k.RT_TABLE_UNSPEC || route.table === table));
  } catch (error) {
    // The kernel has no such table until its first route.
    if (hasErrno(error, ENOENT)) return [];
    throw error;
  }
}

/** `ip route get ADDRESS fibmatch`: the route to an address, if any. */
export function findRouteTo(socket: NetlinkSocket, { family, bytes, text }: IpAddress): Route | undefined {
  const request: Request = {
    type: k.RTM_GETROUTE,
    flags: 0,
    operation: `ip route get ${text} fibmatch`,
    write: (writer) =>
      writer
        .u8(addressFamily(family))
        .u8(bytes.length * 8)
        .zeros(6)
        .u32(k.RTM_F_FIB_MATCH)
        .attribute(k.RTA_DST, (w) => w.raw(bytes)),
  };
  try {
    return decodeRoute(socket.get(request));
  } catch (error) {
    if (NO_ROUTE.some((errno) => hasErrno(error, errno))) return undefined;
    throw error;
  }
}

/** Errors for a missing route, or one that rejects or drops. */
const NO_ROUTE = [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL];

export function decodeRoute({ payload }: Message): Route | undefined {
  const family = familyOf(payload.u8());
  const type = (Object.keys(TYPES) as Route['type'][]).find((name) => TYPES[name] === payload.u8(7));
  if (family === undefined || type === undefined) return undefined;
  const attributes = payload.attributeMap(12);
  const prefixLength = payload.u8(1);
  const destination = attributes.get(k.RTA_DST);
  const hop = attributes.has(k.RTA_MULTIPATH) ? firstHop(attributes.get(k.RTA_MULTIPATH)!) : undefined;
  const gateway = hop?.gateway ?? attributes.get(k.RTA_GATEWAY);
  return {
    family,
    table: attributes.get(k.RTA_TABLE)?.u32() ?? payload.u8(4),
    type,
    destination: destination && prefixLength > 0 ? cidr(readIpAddress(destination), prefixLength) : undefined,
    gateway: gateway && readIpAddress(gateway),
    // The kernel shows rejecting IPv6 routes on lo.
    interfaceIndex: type !== 'unicast' ? undefined : (hop?.index ?? attributes.get(k.RTA_OIF)?.u32()),
    metric: attributes.get(k.RTA_PRIORITY)?.u32(),
    isOnLink: (payload.u32(8) & k.RTNH_F_ONLINK) !== 0 || undefined,
    protocol: payload.u8(5),
  };
}

/** The first `struct rtnexthop` of a route with several. */
function firstHop(hops: ByteReader): { readonly index: number; readonly gateway?: ByteReader } {
  const first = hops.slice(0, hops.u16());
  return { index: first.u32(4), gateway: first.attributeMap(8).get(k.RTA_GATEWAY) };
}

/** The route in the syntax of `ip route`, without its interface. */
export function routeText({
  type,
  destination,
  gateway,
  table,
  metric,
  isOnLink,
}: Omit<Route, 'interfaceIndex' | 'protocol' | 'family'>): string {
  const words = [
    type === 'unicast' ? '' : `${type} `,
    destination?.text ?? 'default',
    gateway ? ` via ${gateway.text}` : '',
    ` table ${table}`,
    metric === undefined ? '' : ` metric ${metric}`,
    isOnLink ? ' onlink' : '',
  ];
  return words.join('');
}

/** The interfaces of main's default routes: IPv4's before IPv6's, the best route of each first. */
export function defaultInterfaces(socket: NetlinkSocket): number[] {
  return ([4, 6] as const).flatMap((family) =>
    defaultRoutes(socket, family).map(({ interfaceIndex }) => interfaceIndex!),
  );
}

/** The default routes of a table that lead to an interface, the best one first. */
export function defaultRoutes(socket: NetlinkSocket, family: Family, table: number = RT_TABLE_MAIN): Route[] {
  const defaults = listRoutes(socket, family, table).filter(
    ({ type, destination, interfaceIndex }) =>
      type === 'unicast' && destination === undefined && interfaceIndex !== undefined,
  );
  // The lowest metric wins; absent is 0.
  return defaults.sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0));
}
