import { type Cidr, contains, networkAddress, subnetRole } from '../../src/domain/values/cidr';
import { fromBytes, type IpAddress } from '../../src/domain/values/ip-address';
import type { MacAddress } from '../../src/domain/values/mac-address';
import type { Link } from '../netlink/route/link';
import { listNeighbours } from '../netlink/route/neighbour';
import type { NetlinkSocket } from '../netlink/socket';
import { PacketSockets } from '../packet/packet-sockets';
import { framesUntil } from '../packet/received-frames';
import { readConflictFrame } from './conflict-frame';
import { type NodeSenders, nodeSenders } from './node-senders';
import { type Conflict, sendProbe, sendRequest } from './probe';

/** What the MAC that answers for a reserved address belongs to, with the cause and the way out in words. */
export interface HolderKind {
  readonly name: 'host' | 'router-mac' | 'proxy' | 'gateway';
  /** Continues "MAC answers"; empty for a host of which nothing else is known. */
  readonly cause: string;
  /** One sentence. */
  readonly wayOut: string;
}

/** The router whose address is held, and where to ask about the holder. */
export interface AskedRouter {
  /** A socket of the node's namespace, which the calling thread is in. */
  readonly host: NetlinkSocket;
  readonly parent: Link;
  readonly macAddress: MacAddress;
  readonly reserved: readonly { readonly cidr: Cidr; readonly gateway?: IpAddress }[];
}

/** Milliseconds to wait for the one answer. */
const WAIT_MILLISECONDS = 80;

/**
 * Finds out whether a host holds the address, or the network answers for it. Sends one frame at most: it asks for an
 * address that no host can have (`addressOfNoHost`), so a MAC that answers answers for every address.
 *
 * @throws SystemCallError
 */
export function holderKind(conflict: Conflict, router: AskedRouter): HolderKind {
  if (conflict.mac === router.macAddress) return ROUTER_MAC;
  const own = router.reserved.find(({ cidr }) => cidr.address.text === conflict.address.text);
  const asked = own && addressOfNoHost(own.cidr);
  if (asked !== undefined && doesAnswer(conflict.mac, asked, router)) return proxy(asked);
  const gateway = own?.gateway;
  return gateway !== undefined && isMacOf(conflict.mac, gateway, router) ? ofGateway(gateway) : HOST;
}

/**
 * An address of the subnet that no host can have, so that a question for it meets no host that just probes whether it
 * may take it: the network address of IPv4, the reserved anycast identifier 127 of IPv6 (RFC 2526). The subnet-router
 * anycast address would not do: every IPv6 router may answer for it. Subnets of one or two addresses have none.
 */
export function addressOfNoHost(subnet: Cidr): IpAddress | undefined {
  const network = networkAddress(subnet);
  if (subnetRole(subnet, network) === undefined) return undefined;
  if (network.family === 4) return network;
  const last = network.bytes.map((octet, index) => octet | hostMask(subnet.prefixLength, index));
  // Identifiers of 64 bits have the universal/local bit of EUI-64 set to 0.
  if (subnet.prefixLength === 64) last[8] = 0xfd;
  const address = fromBytes(last);
  return contains(subnet, address) ? address : undefined;
}

function hostMask(prefixLength: number, index: number): number {
  return 0xff >> Math.min(8, Math.max(0, prefixLength - index * 8));
}

function doesAnswer(mac: MacAddress, asked: IpAddress, { host, parent, reserved }: AskedRouter): boolean {
  const senders: NodeSenders = nodeSenders(
    host,
    parent,
    reserved.map(({ cidr }) => cidr),
  );
  using sockets = PacketSockets.open(parent, [asked]);
  const source = senders.get(asked.family);
  if (source === undefined) sendProbe(sockets, asked);
  // The form that also passes port security, and that Linux as a proxy answers.
  else sendRequest(sockets, source, asked);
  for (const frame of framesUntil(performance.now() + WAIT_MILLISECONDS, sockets.all)) {
    const answer = readConflictFrame(frame, parent.mac, [asked]);
    if (answer?.kind === 'held' && answer.mac === mac) return true;
  }
  return false;
}

/** Whether the node's kernel knows a host by this MAC. Costs no frame. */
function isMacOf(mac: MacAddress, address: IpAddress, { host, parent }: AskedRouter): boolean {
  return listNeighbours(host).some(
    (known) => known.interfaceIndex === parent.index && known.mac === mac && known.address.text === address.text,
  );
}

const HOST: HolderKind = {
  name: 'host',
  cause: '',
  wayOut: 'remove the address from that host, or wait until the node that ran the router has ended',
};

const ROUTER_MAC: HolderKind = {
  name: 'router-mac',
  cause: "which is this router's own MAC address",
  wayOut:
    'the same router still runs elsewhere, or the network answers for it (ARP suppression of EVPN, ACI or OVN): end the other router, clear the entry of the network, or set "detectConflicts": false',
};

function proxy(asked: IpAddress): HolderKind {
  return {
    name: 'proxy',
    cause: `and answers for ${asked.text} too, which no host can have: proxy ARP`,
    wayOut: 'switch proxy ARP off for this subnet, or set "detectConflicts": false',
  };
}

function ofGateway(gateway: IpAddress): HolderKind {
  return {
    name: 'gateway',
    cause: `which is the gateway ${gateway.text}`,
    wayOut:
      'remove the address from the gateway; if the gateway answers for other hosts (proxy ARP), switch that off, or set "detectConflicts": false',
  };
}
