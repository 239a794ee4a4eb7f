import { type Cidr, contains, subnetRole } from '../values/cidr';
import { type AddressKind, addressKind, type Family, type IpAddress } from '../values/ip-address';

/** Decides which addresses of a DNS answer a router may lead its clients to. */
export interface AddressPolicy {
  /** The reserved addresses with their subnets. */
  readonly reserved: readonly Cidr[];
  /** The cluster's ranges of pods and Services. */
  readonly cluster: readonly Cidr[];
  /** Further addresses of the pod; absent: none are known. */
  readonly own?: readonly IpAddress[];
  /** The address of the pod's node; absent: not known. */
  readonly node?: IpAddress;
  /** Families without a gateway: their addresses are in the router's subnet. */
  readonly withoutGateway?: readonly Family[];
  /** The ranges of the name's owner; absent: any. */
  readonly allowed?: readonly Cidr[];
}

/** Why an address of an answer is not used. */
export type AddressRefusal =
  | Exclude<AddressKind, 'host'>
  /** A pod or a Service of the cluster: the name may lead to the router's own Service. */
  | 'cluster'
  /** The router's own address. */
  | 'own'
  /** The node, whose services trust addresses of its pods. */
  | 'node'
  /** Outside the subnet of a router without a gateway. */
  | 'no-gateway'
  /** The network or broadcast address of the router's subnet. */
  | 'subnet-role'
  /** Not in the allowed ranges. */
  | 'not-allowed';

export interface RefusedAddress {
  readonly address: IpAddress;
  readonly reason: AddressRefusal;
}

/** The addresses of an answer, by whether they are used. */
export interface JudgedAddresses {
  readonly used: readonly IpAddress[];
  readonly refused: readonly RefusedAddress[];
}

export function judge(addresses: readonly IpAddress[], policy: AddressPolicy): JudgedAddresses {
  const used: IpAddress[] = [];
  const refused: RefusedAddress[] = [];
  for (const address of addresses) {
    const reason = refusalOf(address, policy);
    if (reason === undefined) used.push(address);
    else refused.push({ address, reason });
  }
  return { used, refused };
}

/**
 * Why an address must not be used, if so. The owner of a name's zone decides what it leads to: without these rules, an
 * answer could give clients a way into the cluster or the pod itself (DNS rebinding).
 */
export function refusalOf(address: IpAddress, policy: AddressPolicy): AddressRefusal | undefined {
  const { reserved, cluster, own = [], node, withoutGateway = [], allowed } = policy;
  const kind = addressKind(address);
  if (kind !== 'host') return kind;
  if (cluster.some((range) => contains(range, address))) return 'cluster';
  if ([...reserved.map((one) => one.address), ...own].some(({ text }) => text === address.text)) return 'own';
  if (node?.text === address.text) return 'node';
  if (reserved.some((subnet) => subnetRole(subnet, address) !== undefined)) return 'subnet-role';
  const isOnLink = reserved.some((subnet) => contains(subnet, address));
  if (!isOnLink && withoutGateway.includes(address.family)) return 'no-gateway';
  if (allowed !== undefined && !allowed.some((range) => contains(range, address))) return 'not-allowed';
  return undefined;
}
