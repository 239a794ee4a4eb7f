import type { Field } from '../input/decoder';
import { parseCidr } from '../values/cidr';
import { hostOnly, type IpAddress, readIpAddress } from '../values/ip-address';
import { checkAnnotations, checkLabels } from '../values/object-metadata';

/** Keys of a router's Service options. */
export const SERVICE_KEYS = [
  'name',
  'type',
  'ports',
  'labels',
  'annotations',
  'clusterIp',
  'externalTrafficPolicy',
  'loadBalancerSourceRanges',
];

const TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer'] as const;
export type ServiceTypeName = (typeof TYPES)[number];

const EXTERNAL_TYPES = 'nothing, or a Service of type NodePort or LoadBalancer';

/**
 * Reads what the options of a Service say beside its name and ports, as the API server will check it.
 *
 * @param reserved labels that the router's own objects find each other by
 * @returns the type, where one is given
 * @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/#ServiceSpec
 */
export function readServiceOptions(service: Field, reserved: readonly string[]): ServiceTypeName | undefined {
  const type = service.member('type').optional((field) => field.word(TYPES));
  checkLabels(service.member('labels'), reserved);
  checkAnnotations(service.member('annotations'));
  service.member('clusterIp').optional(readClusterIp);
  const isExternal = type === 'NodePort' || type === 'LoadBalancer';
  const policy = service.member('externalTrafficPolicy');
  policy.optional((field) => field.word(['Cluster', 'Local']));
  if (policy.isPresent && !isExternal)
    policy.refuse('is for traffic from outside the cluster, which this Service does not take', EXTERNAL_TYPES);
  const ranges = service.member('loadBalancerSourceRanges');
  if (ranges.isPresent && type !== 'LoadBalancer')
    ranges.refuse('is for a load balancer, which this Service does not have', 'nothing, or type LoadBalancer');
  if (ranges.isPresent) for (const range of ranges.someElements(RANGES)) readRange(range);
  return type;
}

const CLUSTER_IP = 'an IP address of the cluster\'s Service network, such as "172.30.0.99"';

/** Reads a cluster IP. A headless Service would lead clients to the pod's address, past the ports of the Service. */
export function readClusterIp(field: Field): IpAddress | undefined {
  if (field.value === 'None') {
    return field.refuse(
      'makes the Service headless, and clients then connect to the address of the pod itself',
      CLUSTER_IP,
    );
  }
  const address = readIpAddress(field, CLUSTER_IP);
  return address === undefined ? undefined : hostOnly(field, address, CLUSTER_IP);
}

const RANGES = 'a list of networks, such as ["10.0.0.0/8"]';

function readRange(field: Field): void {
  const text = field.text(RANGES);
  const range = text === undefined ? undefined : parseCidr(text);
  if (typeof range === 'string') field.refuse(range, 'a network with its prefix length, such as "10.0.0.0/8"');
}
