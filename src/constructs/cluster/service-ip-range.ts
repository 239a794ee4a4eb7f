import { repeats } from '../../domain/input/collections';
import type { Field } from '../../domain/input/decoder';
import type { ClusterNetwork } from '../../domain/router/cluster-network';
import type { ServiceIps } from '../../domain/router/service-ips';
import { readOwnCidr } from '../../domain/router/subnet';
import { type Cidr, contains } from '../../domain/values/cidr';
import { familyName } from '../../domain/values/ip-address';

/**
 * A part of the cluster's Service network that synth takes the cluster IPs of hosts from, and the file that remembers
 * which host has which.
 */
export interface ServiceIpRange {
  /**
   * Networks with their prefix length, one of each family: `172.30.0.16/28`, near the start of a Service network, where
   * the cluster gives addresses to other Services last of all.
   *
   * @see https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
   */
  readonly ranges: string[];

  /**
   * File that keeps the addresses, relative to the working directory. Commit it as a package lock: synth adds the
   * lowest free address for a new host, and changes none that is there.
   */
  readonly file: string;

  /**
   * Whether synth fails rather than adds to the file: for CI.
   *
   * @default false
   */
  readonly frozen?: boolean;

  /**
   * Whether the ranges are ServiceCIDRs of their own, beside the cluster's first ones. Kubernetes has such objects from
   * 1.33 on. Other Services get addresses from them too, from the lower part last.
   *
   * @default false
   * @see https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/
   */
  readonly dedicated?: boolean;
}

const KEYS: Record<keyof ServiceIpRange, true> = { ranges: true, file: true, frozen: true, dedicated: true };
const RANGES = 'a list of networks, one of each family, such as ["172.30.0.16/28"]';

/** Reads the range. @param networks of the cluster, as far as they are known */
export function readServiceIpRange(field: Field, networks: readonly ClusterNetwork[]): ServiceIps | undefined {
  if (!field.isObjectOf(Object.keys(KEYS))) return undefined;
  const file = field.member('file').text('the path of a file, such as "service-ips.json"');
  const isFrozen = field.member('frozen').optional((member) => member.flag()) ?? false;
  const isDedicated = field.member('dedicated').optional((member) => member.flag()) ?? false;
  const services = isDedicated ? [] : networks.filter(({ holders }) => holders === 'Services').map(({ cidr }) => cidr);
  const ranges = field
    .member('ranges')
    .someElements(RANGES)
    .flatMap((each) => {
      const cidr = readOwnCidr(each, 'range', 'a network with its prefix length, such as "172.30.0.16/28"');
      if (cidr === undefined) return [];
      refuseOutside(each, cidr, services);
      return [{ value: cidr, field: each }];
    });
  for (const [second, first] of repeats(ranges, ({ value }) => value.address.family)) {
    const problem = `is a second ${familyName(second.value.address.family)} range beside ${first.field.path}`;
    second.field.refuse(problem, 'one range of each family');
  }
  if (file === undefined) return undefined;
  return { ranges: ranges.map(({ value }) => value), isDedicated, file, isFrozen };
}

function refuseOutside(field: Field, range: Cidr, services: readonly Cidr[]): void {
  const ofFamily = services.filter(({ address }) => address.family === range.address.family);
  const isInside = ofFamily.some((cidr) => contains(cidr, range.address) && range.prefixLength >= cidr.prefixLength);
  if (ofFamily.length === 0 || isInside) return;
  const names = ofFamily.map(({ text }) => text).join(' and ');
  field.refuse("is outside the network of the cluster's Services", `a part of ${names}, or a dedicated range`);
}

/** The networks of a dedicated range, beside those that the cluster has for all Services. */
export function dedicatedNetworks(range: ServiceIps | undefined): ClusterNetwork[] {
  if (!range?.isDedicated) return [];
  return range.ranges.map((cidr): ClusterNetwork => ({ cidr, holders: 'Services', isDedicated: true }));
}
