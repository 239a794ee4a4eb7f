import { withoutUndefined } from '../input/collections';
import type { AddressPolicy } from '../names/address-policy';
import type { IpAddress } from '../values/ip-address';
import type { Host } from './host';
import type { NameResolver } from './name-resolver';
import type { ReservedAddress } from './reserved-address';

/** What a pod knows of itself: no name may lead there. */
export interface PodAddresses {
  /** The addresses of its interfaces. */
  readonly own: readonly IpAddress[];
  /** The address of its node; absent: not known. */
  readonly node?: IpAddress | undefined;
}

/** Decides which addresses of a DNS answer a router may lead the clients of a host to. */
export function hostPolicy(
  { allowedCidrs: allowed }: Pick<Host, 'allowedCidrs'>,
  { resolver, addresses }: { readonly resolver: NameResolver; readonly addresses: readonly ReservedAddress[] },
  { own, node }: PodAddresses,
): AddressPolicy {
  return withoutUndefined({
    reserved: addresses.map(({ cidr }) => cidr),
    cluster: resolver.clusterCidrs,
    own,
    node,
    withoutGateway: addresses.filter(({ gateway }) => gateway === undefined).map(({ cidr }) => cidr.address.family),
    allowed,
  });
}
