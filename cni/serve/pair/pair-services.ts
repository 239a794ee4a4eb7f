import { Field } from '../../../src/domain/input/decoder';
import { ConfigError, type Issue } from '../../../src/domain/input/issue';
import { sliceNames } from '../../../src/domain/router/slice-names';
import type { Family, IpAddress } from '../../../src/domain/values/ip-address';
import type { SliceOwner, SlicePort } from '../../standby/lock-slice';
import { readConfig } from '../read-config';
import { ServeError } from '../serve-error';

/** A Service of the router, with the ports of its EndpointSlices. */
export interface PairService {
  readonly name: string;
  readonly ports: readonly SlicePort[];
}

/**
 * The Services of a router with a standby, of the file that its manifests make. The first one is the lock.
 *
 * @throws ServeError for an unreadable or invalid file
 */
export function readPairServices(file: string): readonly PairService[] {
  return readConfig({ file }, decodePairServices, (problem) => new ServeError(`--services-file ${file}: ${problem}`));
}

/** @throws ConfigError */
export function decodePairServices(input: unknown): readonly PairService[] {
  const issues: Issue[] = [];
  const services = Field.root(input, issues, 'services').someElements('the Services of the router').map(readService);
  if (issues.length > 0) throw new ConfigError(issues);
  return services;
}

function readService(field: Field): PairService {
  const name = field.member('name').text("a Service's name") ?? '';
  return { name, ports: field.member('ports').elements('the ports of the slice').map(readPort) };
}

const PROTOCOLS: readonly unknown[] = ['TCP', 'UDP', 'SCTP'];

function readPort(field: Field): SlicePort {
  const protocol = field.member('protocol');
  if (!PROTOCOLS.includes(protocol.value)) protocol.refuse('is not a protocol', PROTOCOLS.join(', '));
  return {
    name: field.member('name').text("a port's name") ?? '',
    port: field.member('port').integer(1, 65_535, 'a port') ?? 1,
    protocol: String(protocol.value),
  };
}

/** A slice of the pair, and the pod's own address for it. */
export interface OwnedSlice {
  readonly owner: SliceOwner;
  readonly address: string;
}

const TYPES = { 4: 'IPv4', 6: 'IPv6' } as const satisfies Readonly<Record<Family, SliceOwner['addressType']>>;

/**
 * The slices of the Services, the lock first: one for each family of the pod. kube-proxy ignores a slice of a family
 * that the Service does not have.
 */
export function slicesOf(
  services: readonly PairService[],
  namespace: string,
  podAddresses: readonly IpAddress[],
): [OwnedSlice, ...OwnedSlice[]] {
  const byFamily = [...podAddresses].sort((one, other) => one.family - other.family);
  const slices = services.flatMap(({ name: service, ports }) => {
    const names = sliceNames(service);
    return byFamily.map(({ family, text }, index): OwnedSlice => {
      const owner = { name: names[index]!, service, namespace, addressType: TYPES[family], ports };
      return { owner, address: text };
    });
  });
  return slices as [OwnedSlice, ...OwnedSlice[]];
}
