import type { Field } from '../../../src/domain/input/decoder';
import { type IpAddress, readIpAddress } from '../../../src/domain/values/ip-address';
import type { MacAddress } from '../../../src/domain/values/mac-address';

/** What a pod of a pair has to know of itself. */
export interface PairOptions {
  readonly pod: string;
  readonly namespace: string;
  readonly node: string;
  /** On the cluster network, one of a family. */
  readonly podAddresses: readonly IpAddress[];
  /** The file with the Services whose slices the pods write. */
  readonly servicesFile: string;
  /** Of the pod that stands by. */
  readonly standbyMac: MacAddress;
  /** The Secret with the key; absent: the pods make one. */
  readonly keySecret?: string;
}

/** The flags that `--standby` needs. */
export const PAIR_FLAGS = ['pod', 'namespace', 'node', 'pod-addresses', 'services-file'] as const;

/** Kubernetes writes the addresses of a pod of two families with a comma. */
export function readPodAddresses(field: Field): IpAddress[] | undefined {
  const { value } = field;
  const words = typeof value === 'string' ? value.split(',') : [];
  const addresses = words.map((word) => readIpAddress(field.withValue(word)));
  const families = new Set(addresses.map((address) => address?.family));
  if (families.size === addresses.length) return addresses.filter((address) => address !== undefined);
  return field.refuse('has two addresses of a family', 'one of IPv4, one of IPv6, or one of each');
}
