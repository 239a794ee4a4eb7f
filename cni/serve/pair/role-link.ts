import { randomBytes } from 'node:crypto';
import type { DataPlane } from '../../../src/domain/data-plane/data-plane';
import { type Cidr, cidr } from '../../../src/domain/values/cidr';
import { isIpv6LinkLocal } from '../../../src/domain/values/ip-address';
import { type MacAddress, macFromBytes } from '../../../src/domain/values/mac-address';
import { kernelRoute } from '../../data-plane/kernel-objects';
import { addAddress, deleteAddress, listAddresses } from '../../netlink/route/address';
import { findLink, type Link, setLinkAddress, setLinkDown, setLinkUp } from '../../netlink/route/link';
import { addRoute, listRoutes } from '../../netlink/route/route';
import type { NetlinkSocket } from '../../netlink/socket';
import { linkLocalOf } from '../../packet/neighbour-discovery';
import type { LanState } from '../../standby/role';
import { ServeError } from '../serve-error';

/**
 * The router's link as a pod's role needs it: what of the data plane moves from pod to pod. Policy rules, settings and
 * the table stay as ADD has made them, and so does the `unreachable` route: a client that asks a pod without the
 * addresses is refused.
 */
export class RoleLink {
  /** @param standbyMac of the pod that listens */
  public constructor(
    private readonly route: NetlinkSocket,
    private readonly plane: DataPlane,
    private readonly standbyMac: MacAddress,
  ) {}

  /** What the link is, as an earlier process or ADD left it. */
  public read(): LanState {
    const link = this.find();
    if (!link.isUp) return 'down';
    if (this.addressesOf(link).some((address) => !isIpv6LinkLocal(address.address))) return 'held';
    return link.mac === this.standbyMac ? 'listening' : 'asking';
  }

  /**
   * Makes the link what the state says. A link that the kernel refuses is down and without the addresses.
   *
   * @returns the MAC address of the link
   * @throws NetlinkError such as EADDRINUSE: another link of the same parent has the MAC address
   */
  public set(state: LanState): MacAddress {
    try {
      switch (state) {
        case 'down':
          this.release();
          break;
        case 'listening':
          this.listen(this.standbyMac);
          break;
        case 'asking':
          this.listen(ownMac());
          break;
        case 'held':
          this.take();
          break;
      }
      return this.find().mac;
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Silent first, and then without the addresses: the routes by the link go with it. */
  private release(): void {
    const link = this.find();
    this.route.change(setLinkDown(link));
    this.route.changes(this.addressesOf(link).map((address) => deleteAddress(address, link)));
  }

  private listen(mac: MacAddress): void {
    this.release();
    const link = this.find();
    this.route.change(setLinkAddress(link, mac));
    this.route.change(setLinkUp(link));
  }

  /** The MAC address first: the LAN must not learn the addresses with another one. */
  private take(): void {
    const { mac } = this.plane.link;
    const link = this.find();
    if (link.mac !== mac) this.route.change(setLinkAddress(link, mac));
    if (!link.isUp) this.route.change(setLinkUp(link));
    const wanted = this.wantedAddresses();
    const present = this.addressesOf(link);
    const [missing, others] = [without(wanted, present), without(present, wanted)];
    this.route.changes([
      ...missing.map((address) => addAddress(address, link)),
      ...others.map((address) => deleteAddress(address, link)),
      ...this.missingRoutes(link).map((route) => addRoute(kernelRoute(route, link.index))),
    ]);
  }

  /** With IPv6 also the link-local address of the MAC, which the kernel only makes when a link comes up. */
  private wantedAddresses(): Cidr[] {
    const { addresses, link } = this.plane;
    const hasIpv6 = addresses.some(({ address }) => address.family === 6);
    return [...addresses, ...(hasIpv6 ? [cidr(linkLocalOf(link.mac), 64)] : [])];
  }

  private missingRoutes(link: Link): DataPlane['routes'] {
    const wanted = this.plane.routes.filter(({ type }) => type === 'unicast');
    const tables = new Map(wanted.map(({ family, table }) => [`${family} ${table}`, { family, table }]));
    const present = [...tables.values()]
      .flatMap(({ family, table }) => listRoutes(this.route, family, table))
      .filter(({ interfaceIndex }) => interfaceIndex === link.index);
    return wanted.filter(
      ({ family, table, destination, gateway }) =>
        !present.some(
          (route) =>
            route.family === family &&
            route.table === table &&
            route.destination?.text === destination?.text &&
            route.gateway?.text === gateway?.text,
        ),
    );
  }

  private addressesOf({ index }: Link): Cidr[] {
    return listAddresses(this.route).flatMap(({ interfaceIndex, cidr: own }) =>
      interfaceIndex === index ? [own] : [],
    );
  }

  private find(): Link {
    const { name } = this.plane.link;
    const link = findLink(this.route, name);
    if (link === undefined) throw new ServeError(`the pod has no interface ${name} any more: delete the pod`);
    return link;
  }
}

function without(all: readonly Cidr[], others: readonly Cidr[]): Cidr[] {
  return all.filter(({ text }) => !others.some((other) => other.text === text));
}

/** A locally administered MAC address that no other pod has. */
function ownMac(): MacAddress {
  const [first = 0, ...rest] = randomBytes(6);
  return macFromBytes([(first & 0xfc) | 0x02, ...rest]);
}
