import { macFromBytes, macToBytes } from '../../../src/domain/values/mac-address';
import type { MacvlanMode } from '../../../src/domain/values/macvlan';
import { AF_UNSPEC } from '../../ffi/address-family';
import { ENODEV } from '../../ffi/errno';
import type { ByteWriter } from '../byte-writer';
import { type Message, NLM_F_CREATE, NLM_F_EXCL, type Request } from '../message';
import { hasErrno } from '../netlink-error';
import type { NetlinkSocket } from '../socket';
import * as k from './constants';

/** A network interface, as `ip -details link show` prints it. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** Lower case with colons; empty for an interface without a MAC. */
  readonly mac: string;
  /** Bytes. */
  readonly mtu: number;
  readonly isEthernet: boolean;
  readonly isUp: boolean;
  /** Whether the lower layer can send: the cable is plugged in, the parent is up. */
  readonly hasCarrier: boolean;
  /** The number of times the carrier came up, to detect a short loss between two reads; absent before Linux 4.16. */
  readonly carrierUps?: number;
  /** Number of its group: 0 unless set. */
  readonly group: number;
  /** The number of users that receive frames for every MAC: captures, a bridge. */
  readonly promiscuity: number;
  /** Index of the parent interface, in the parent's namespace. */
  readonly parentIndex?: number;
  /** This namespace's number for the parent's namespace (`link-netnsid`), if that is another one. */
  readonly parentNamespaceId?: number;
  /** Index of the bridge or bond that this interface belongs to. */
  readonly masterIndex?: number;
  /** Such as `macvlan`, `veth`; absent for hardware. */
  readonly kind?: string;
  readonly macvlanMode?: MacvlanMode;
}

export interface MacvlanLink {
  readonly name: string;
  readonly mac: string;
  readonly mode: MacvlanMode;
  readonly group: number;
  readonly parentIndex: number;
  /** Bytes; absent: the parent's. */
  readonly mtu?: number;
  /** An open file of the target namespace; the parent is in the socket's namespace. */
  readonly namespaceFd: number;
}

const MODES: Readonly<Record<MacvlanMode, number>> = { private: 1, vepa: 2, bridge: 4, passthru: 8 };

/** `ip link add NAME netns FD address MAC mtu MTU group GROUP link PARENT type macvlan mode MODE` */
export function addMacvlan(link: MacvlanLink): Request {
  return {
    type: k.RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    operation: `ip link add ${link.name} address ${link.mac} group ${link.group} type macvlan mode ${link.mode}`,
    write: (writer) => {
      header(writer, 0, 0, 0)
        .attribute(k.IFLA_IFNAME, (w) => w.text(link.name))
        .attribute(k.IFLA_ADDRESS, (w) => w.raw(macToBytes(link.mac)))
        .attribute(k.IFLA_LINK, (w) => w.u32(link.parentIndex))
        .attribute(k.IFLA_GROUP, (w) => w.u32(link.group))
        .attribute(k.IFLA_NET_NS_FD, (w) => w.u32(link.namespaceFd));
      if (link.mtu !== undefined) writer.attribute(k.IFLA_MTU, (w) => w.u32(link.mtu!));
      writer.nested(k.IFLA_LINKINFO, (info) =>
        info
          .attribute(k.IFLA_INFO_KIND, (w) => w.text('macvlan'))
          .nested(k.IFLA_INFO_DATA, (w) => w.attribute(k.IFLA_MACVLAN_MODE, (mode) => mode.u32(MODES[link.mode]))),
      );
    },
  };
}

/** `ip link set NAME up` */
export function setLinkUp({ index, name }: Pick<Link, 'index' | 'name'>): Request {
  return {
    type: k.RTM_NEWLINK,
    flags: 0,
    operation: `ip link set ${name} up`,
    write: (writer) => header(writer, index, k.IFF_UP, k.IFF_UP),
  };
}

/** `ip link set NAME down` */
export function setLinkDown({ index, name }: Pick<Link, 'index' | 'name'>): Request {
  return {
    type: k.RTM_NEWLINK,
    flags: 0,
    operation: `ip link set ${name} down`,
    write: (writer) => header(writer, index, 0, k.IFF_UP),
  };
}

/** `ip link set NAME address MAC` */
export function setLinkAddress({ index, name }: Pick<Link, 'index' | 'name'>, mac: string): Request {
  return {
    type: k.RTM_NEWLINK,
    flags: 0,
    operation: `ip link set ${name} address ${mac}`,
    write: (writer) => header(writer, index, 0, 0).attribute(k.IFLA_ADDRESS, (w) => w.raw(macToBytes(mac))),
  };
}

/** `ip link delete NAME` */
export function deleteLink({ index, name }: Pick<Link, 'index' | 'name'>): Request {
  return {
    type: k.RTM_DELLINK,
    flags: 0,
    operation: `ip link delete ${name}`,
    write: (writer) => header(writer, index, 0, 0),
  };
}

/** The interface of this name or alternative name, if there is one. */
export function findLink(socket: NetlinkSocket, name: string): Link | undefined {
  return find(socket, `ip link show ${name}`, 0, name);
}

export function findLinkByIndex(socket: NetlinkSocket, index: number): Link | undefined {
  return find(socket, `ip link show (index ${index})`, index);
}

/** All interfaces of the socket's namespace. */
export function listLinks(socket: NetlinkSocket): Link[] {
  const request = { type: k.RTM_GETLINK, flags: 0, operation: 'ip link show', write: empty };
  return socket.dump(request).map(decodeLink);
}

function empty(writer: ByteWriter): void {
  header(writer, 0, 0, 0);
}

function find(socket: NetlinkSocket, operation: string, index: number, name?: string): Link | undefined {
  const write = (writer: ByteWriter) => {
    header(writer, index, 0, 0);
    if (name !== undefined) writer.attribute(nameAttribute(name), (w) => w.text(name));
  };
  try {
    return decodeLink(socket.get({ type: k.RTM_GETLINK, flags: 0, operation, write }));
  } catch (error) {
    if (hasErrno(error, ENODEV)) return undefined;
    throw error;
  }
}

/** The kernel finds alternative names under either attribute, but the first takes only the length of an own name. */
function nameAttribute(name: string): number {
  return Buffer.byteLength(name) < k.IFNAMSIZ ? k.IFLA_IFNAME : k.IFLA_ALT_IFNAME;
}

/** `struct ifinfomsg` */
function header(writer: ByteWriter, index: number, flags: number, change: number): ByteWriter {
  return writer.u8(AF_UNSPEC).u8(0).u16(0).u32(index).u32(flags).u32(change);
}

export function decodeLink({ payload }: Message): Link {
  const attributes = payload.attributeMap(16);
  const info = attributes.get(k.IFLA_LINKINFO)?.attributeMap();
  const kind = info?.get(k.IFLA_INFO_KIND)?.text();
  const mode = kind === 'macvlan' ? info?.get(k.IFLA_INFO_DATA)?.attributeMap().get(k.IFLA_MACVLAN_MODE) : undefined;
  const flags = payload.u32(8);
  return {
    index: payload.u32(4),
    name: attributes.get(k.IFLA_IFNAME)?.text() ?? '',
    mac: macFromBytes(attributes.get(k.IFLA_ADDRESS)?.bytes ?? []),
    mtu: attributes.get(k.IFLA_MTU)?.u32() ?? 0,
    isEthernet: payload.u16(2) === k.ARPHRD_ETHER && (flags & k.IFF_LOOPBACK) === 0,
    isUp: (flags & k.IFF_UP) !== 0,
    hasCarrier: (flags & k.IFF_LOWER_UP) !== 0,
    group: attributes.get(k.IFLA_GROUP)?.u32() ?? 0,
    promiscuity: attributes.get(k.IFLA_PROMISCUITY)?.u32() ?? 0,
    carrierUps: attributes.get(k.IFLA_CARRIER_UP_COUNT)?.u32(),
    parentIndex: attributes.get(k.IFLA_LINK)?.u32(),
    parentNamespaceId: attributes.get(k.IFLA_LINK_NETNSID)?.u32(),
    masterIndex: attributes.get(k.IFLA_MASTER)?.u32(),
    kind,
    macvlanMode: mode && macvlanMode(mode.u32()),
  };
}

function macvlanMode(value: number): MacvlanMode | undefined {
  return (Object.keys(MODES) as MacvlanMode[]).find((mode) => MODES[mode] === value);
}

/** The kernel's answer for a namespace without a number. */
const NOT_ASSIGNED = 0xffffffff;

/** The number of a process' namespace in the socket's namespace (`link-netnsid`), if any. */
export function findNamespaceId(socket: NetlinkSocket, pid: number): number | undefined {
  const request: Request = {
    type: k.RTM_GETNSID,
    flags: 0,
    operation: `ip netns list-id (process ${pid})`,
    write: (writer) =>
      writer
        .u8(AF_UNSPEC)
        .zeros(3)
        .attribute(k.NETNSA_PID, (w) => w.u32(pid)),
  };
  const id = socket.get(request).payload.attributeMap(4).get(k.NETNSA_NSID)?.u32();
  return id === NOT_ASSIGNED ? undefined : id;
}
