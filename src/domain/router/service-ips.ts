import type { Field, Located } from '../input/decoder';
import { bitsOf, type Cidr, contains, networkAddress } from '../values/cidr';
import { type Family, familyName, fromBytes, type IpAddress, readIpAddress } from '../values/ip-address';

/** Whose Service has a cluster IP: `prod/egress/partners/api.bank.example/IPv4`. */
export type ServiceIpKey = string;

/** The key of a host's Service in one family. */
export function serviceIpKey(
  cluster: string,
  namespace: string | undefined,
  router: string,
  host: string,
  family: Family,
): ServiceIpKey {
  return [cluster, namespace ?? '', router, host, familyName(family)].join('/');
}

/** Where cluster IPs are taken from. */
export interface ServiceIps {
  /** At most one of a family. */
  readonly ranges: readonly Cidr[];
  /** Whether the ranges are ServiceCIDRs of their own, beside the cluster's first Service networks. */
  readonly isDedicated: boolean;
  /** The file that keeps them. */
  readonly file: string;
  /** Whether synth must not add to the file. */
  readonly isFrozen: boolean;
}

/** The most addresses of one file, which keeps reading it quick. */
const MOST_ADDRESSES = 65_536;

/** Reads the file: a cluster IP by the key of its host. Keys of other clusters and of removed hosts are kept. */
export function readServiceIpFile(root: Field): Map<ServiceIpKey, IpAddress> {
  const found = new Map<ServiceIpKey, IpAddress>();
  if (!root.isObjectOf(['addresses'])) return found;
  const addresses = root.member('addresses');
  if (!addresses.isObject('an object of addresses')) return found;
  const keys = Object.keys(addresses.value as object);
  if (keys.length > MOST_ADDRESSES) {
    addresses.withValue(keys.length).refuse('addresses are too many', `at most ${MOST_ADDRESSES} in one file`);
    return found;
  }
  const holders = new Map<string, Located<ServiceIpKey>>();
  for (const key of keys) {
    const field = addresses.member(key);
    const address = readEntry(key, field);
    if (address === undefined) continue;
    // Two clusters may have one network each of the same addresses.
    const place = `${key.slice(0, key.indexOf('/'))} ${address.text}`;
    const earlier = holders.get(place);
    if (earlier !== undefined) field.refuse(`is the address of ${earlier.field.path} already`, 'each address once');
    holders.set(place, { value: key, field });
    found.set(key, address);
  }
  return found;
}

function readEntry(key: ServiceIpKey, field: Field): IpAddress | undefined {
  const family = /^.*\/[^/]*\/[^/]+\/[^/]+\/(IPv[46])$/.exec(key)?.[1];
  if (family === undefined) return field.refuse('has a key that names no host', '"CLUSTER/NAMESPACE/ROUTER/HOST/IPv4"');
  const accepted = `an ${family} address`;
  const address = readIpAddress(field, accepted);
  if (address === undefined || familyName(address.family) === family) return address;
  return field.refuse(`is not an ${family} address`, accepted);
}

/** The file's content: sorted, so that a change is one line of a review. */
export function encodeServiceIpFile(addresses: ReadonlyMap<ServiceIpKey, IpAddress>): string {
  const entries = [...addresses].sort(([one], [other]) => (one < other ? -1 : 1));
  const texts = Object.fromEntries(entries.map(([key, { text }]) => [key, text]));
  return `${JSON.stringify({ addresses: texts }, undefined, 2)}\n`;
}

/**
 * The lowest address of a range that is free.
 *
 * @param networks the cluster's Service networks, as far as they are known
 */
export function lowestFree(
  { ranges, isDedicated }: ServiceIps,
  family: Family,
  networks: readonly Cidr[],
  isTaken: (address: IpAddress) => boolean,
): IpAddress | undefined {
  const range = ranges.find(({ address }) => address.family === family);
  if (range === undefined) return undefined;
  const within = isDedicated ? [...networks, range] : networks;
  const size = 2n ** BigInt(bitsOf(family) - range.prefixLength);
  for (let offset = 0n; offset < size && offset <= MOST_ADDRESSES * 2; offset++) {
    const address = addressAt(range, offset);
    if (!isTaken(address) && !within.some((network) => isReservedIn(network, address, isDedicated))) return address;
  }
  return undefined;
}

/**
 * Whether the cluster keeps an address of a Service network: one that `isKeptIn` names, or of a network that the
 * cluster itself uses the DNS Service's.
 */
function isReservedIn(network: Cidr, address: IpAddress, isDedicated: boolean): boolean {
  if (!contains(network, address)) return false;
  return isKeptIn(network, address, isDedicated) || (!isDedicated && isDnsAddress(network, address));
}

/** The place of the DNS Service in a network of the cluster, as kubeadm, k3s, RKE2, OKD and clouds choose it. */
const DNS_OFFSET = 10n;

/** The address that the DNS Service has by convention, such as 10.96.0.10 in 10.96.0.0/16. */
export function dnsAddressOf(network: Cidr): IpAddress {
  return addressAt(network, DNS_OFFSET);
}

/** Whether the DNS Service has an address by convention. */
export function isDnsAddress(network: Cidr, address: IpAddress): boolean {
  return contains(network, address) && offsetIn(network, address) === DNS_OFFSET;
}

/**
 * Whether no Service gets an address of a Service network: its first and its last, and of a network that the cluster
 * itself uses the second, which is the API server's.
 */
export function isKeptIn(network: Cidr, address: IpAddress, isDedicated: boolean): boolean {
  const offset = offsetIn(network, address);
  const isLast = address.family === 4 && offset === 2n ** BigInt(32 - network.prefixLength) - 1n;
  return offset === 0n || isLast || (!isDedicated && offset === 1n);
}

/**
 * The number of addresses at the start of a Service network that the cluster gives last of all to Services without an
 * address of their own. A network of 16 addresses or fewer is not divided.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/registry/core/service/ipallocator/ipallocator.go
 */
export function staticBand({ address: { family }, prefixLength }: Cidr): number {
  const size = 2n ** BigInt(bitsOf(family) - prefixLength);
  if (size <= 16n) return 0;
  const sixteenth = size / 16n;
  return Number(sixteenth < 16n ? 16n : sixteenth > 256n ? 256n : sixteenth);
}

/** Whether the cluster may give an address to another Service by itself. */
export function isInDynamicBand(network: Cidr, address: IpAddress): boolean {
  return contains(network, address) && offsetIn(network, address) > BigInt(staticBand(network));
}

function offsetIn(network: Cidr, address: IpAddress): bigint {
  return numberOf(address) - numberOf(networkAddress(network));
}

/** The address of a network by its place, from 0. */
export function addressAt(range: Cidr, offset: bigint): IpAddress {
  const { bytes } = networkAddress(range);
  let rest = numberOf({ bytes }) + offset;
  const octets = bytes.map(() => {
    const octet = Number(rest & 0xffn);
    rest >>= 8n;
    return octet;
  });
  return fromBytes(octets.reverse());
}

function numberOf({ bytes }: Pick<IpAddress, 'bytes'>): bigint {
  return bytes.reduce((number, octet) => (number << 8n) | BigInt(octet), 0n);
}
