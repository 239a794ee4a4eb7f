import type { Field } from '../input/decoder';
import { type Cidr, contains } from '../values/cidr';
import { type IpAddress, parseIpAddress } from '../values/ip-address';
import { isKeptIn } from './service-ips';
import { readOwnCidr } from './subnet';

/** A network of the cluster itself, where a router has nothing to send to. */
export interface ClusterNetwork {
  readonly cidr: Cidr;
  /** What has its addresses there. */
  readonly holders: 'pods' | 'Services';
  /** Whether it is a ServiceCIDR beside the cluster's first ones, in which the API server has no address. */
  readonly isDedicated?: boolean;
}

const NETWORK = 'a network with its prefix length, such as "10.128.0.0/14"';
const NETWORKS = 'a list of networks, such as ["10.128.0.0/14"]';

/** Reads a list of networks; nothing where none is given. */
export function readClusterNetworks(list: Field, holders: ClusterNetwork['holders']): ClusterNetwork[] {
  if (!list.isPresent) return [];
  return list.elements(NETWORKS).flatMap((field) => {
    const cidr = readOwnCidr(field, 'network', NETWORK);
    return cidr === undefined ? [] : [{ cidr, holders }];
  });
}

/** Refuses cluster IPs of a router's Services outside the network of the Services, where that is known. */
export function checkClusterIps(props: Field, networks: readonly ClusterNetwork[]): void {
  checkClusterIp(props.member('service').member('clusterIp'), networks);
  for (const list of listed(props.member('hosts')).map((host) => host.member('clusterIps')))
    for (const field of listed(list)) checkClusterIp(field, networks);
}

/** The elements of a list; of another value none, which its own reader refuses. */
function listed(list: Field): Field[] {
  return Array.isArray(list.value) ? list.elements('') : [];
}

/** Refuses a cluster IP outside the network of the Services, or that the cluster keeps for itself. */
export function checkClusterIp(field: Field, networks: readonly ClusterNetwork[]): void {
  const address = typeof field.value === 'string' ? parseIpAddress(field.value) : '';
  if (typeof address === 'string') return;
  const services = networks.filter(({ cidr, holders }) => holders === 'Services' && isOfFamily(cidr, address));
  const own = services.find(({ cidr }) => contains(cidr, address));
  if (own !== undefined && isKeptIn(own.cidr, address, own.isDedicated ?? false))
    field.refuse('is an address that the cluster keeps for itself', `another address in ${own.cidr.text}, or none`);
  if (services.length === 0 || own !== undefined) return;
  const names = services.map(({ cidr }) => cidr.text).join(' and ');
  field.refuse("is outside the network of the cluster's Services", `an address in ${names}, or none`);
}

function isOfFamily(cidr: Cidr, { family }: IpAddress): boolean {
  return cidr.address.family === family;
}
