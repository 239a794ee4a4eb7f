import { withoutUndefined } from '../../src/domain/input/collections';
import { Field } from '../../src/domain/input/decoder';
import { type Issue, issueText } from '../../src/domain/input/issue';
import { NAME_LABEL, NAME_LABEL_VALUE } from '../../src/domain/router/object-names';
import { readIpAddress } from '../../src/domain/values/ip-address';
import type { PairLock } from './pair-lock';

/** What a pod of a pair puts into the slice besides the lock. */
export interface SliceOwner {
  readonly name: string;
  /** The Service that the slice belongs to. */
  readonly service: string;
  readonly namespace: string;
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: readonly SlicePort[];
}

export interface SlicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/** The pod to which the Service leads. */
export interface SliceEndpoint {
  readonly pod: string;
  readonly address: string;
  readonly node: string;
  readonly ready: boolean;
}

/** The slice as the API server has it. */
export interface LockSlice {
  readonly lock: PairLock;
  readonly resourceVersion: string;
  /** Of the holder; absent without one. */
  readonly endpoint?: SliceEndpoint;
  /** Of the pod that has the seat, on the cluster network. */
  readonly seatAddress?: string;
}

/** Which pods are behind a lock. */
export type SlicePods = Pick<LockSlice, 'endpoint' | 'seatAddress'>;

/** @see https://kubernetes.io/docs/reference/labels-annotations-taints/#endpointslicekubernetesiomanaged-by */
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const MANAGER = 'cdk8s-egress-router';
export const SERVICE = 'kubernetes.io/service-name';

/** JSON of the lock. */
export const LOCK = 'cdk8s-egress-router/lock';
/** The address of the pod that has the seat. */
export const SEAT_ADDRESS = 'cdk8s-egress-router/seat-address';

/**
 * The labels of a slice of a pair's pods, the lock or not. The first one is that of every object of a router: a Service
 * has it, and Kubernetes copies it to the slices that it writes itself, so that one watch finds both kinds.
 *
 * @param service the Service that the slice belongs to
 */
export function sliceLabels(service: string): { readonly [label: string]: string } {
  return { [NAME_LABEL]: NAME_LABEL_VALUE, [MANAGED_BY]: MANAGER, [SERVICE]: service };
}

/** The slice of a lock. @param resourceVersion of the slice that it replaces; absent: of a new one */
export function sliceOf(
  { name, service, namespace, addressType, ports }: SliceOwner,
  lock: PairLock,
  { endpoint, seatAddress }: SlicePods,
  resourceVersion?: string,
): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: withoutUndefined({
      name,
      namespace,
      resourceVersion,
      labels: sliceLabels(service),
      annotations: withoutUndefined({ [LOCK]: JSON.stringify(lock), [SEAT_ADDRESS]: seatAddress }),
    }),
    addressType,
    endpoints: endpoint === undefined ? [] : [endpointOf(endpoint, namespace)],
    ports: ports.map(({ name: port, ...more }) => ({ name: port, ...more })),
  };
}

function endpointOf({ pod, address, node, ready }: SliceEndpoint, namespace: string): object {
  return {
    addresses: [address],
    conditions: { ready },
    nodeName: node,
    targetRef: { kind: 'Pod', name: pod, namespace },
  };
}

/**
 * Reads what the API server has. Every user who may write slices in the namespace may have written it, so every member
 * is checked.
 *
 * @returns the problem as a sentence, for a slice that is not a pair's lock
 */
export function readSlice(
  { name, service, addressType }: SliceOwner,
  value: unknown,
): LockSlice | { readonly problem: string } {
  const issues: Issue[] = [];
  const root = Field.root(value, issues, name);
  const metadata = root.member('metadata');
  const labels = metadata.member('labels');
  const manager = labels.member(MANAGED_BY);
  if (manager.value !== MANAGER) manager.refuse('is the manager of the slice', MANAGER);
  const its = labels.member(SERVICE);
  if (its.value !== service) its.refuse('is the Service of the slice', service);
  const type = root.member('addressType');
  if (type.value !== addressType) type.refuse('is the address type of the slice', addressType);
  const resourceVersion = metadata.member('resourceVersion').text('a resource version') ?? '';
  const annotations = metadata.member('annotations');
  const lock = readLock(annotations.member(LOCK));
  const seat = annotations.member(SEAT_ADDRESS);
  const seatAddress = seat.isPresent ? readIpAddress(seat)?.text : undefined;
  const endpoint = readEndpoint(root.member('endpoints'), lock);
  const [issue] = issues;
  return issue === undefined
    ? withoutUndefined({ lock: lock!, resourceVersion, endpoint, seatAddress })
    : { problem: `EndpointSlice ${name} is not the lock of this pair: ${issueText(issue)}` };
}

/** A longer text is refused. */
const MOST_CHARACTERS = 2048;

function readLock(field: Field): PairLock | undefined {
  const text = field.text('the lock');
  if (text === undefined) return undefined;
  const lock = text.length > MOST_CHARACTERS ? undefined : parsed(text);
  if (lock === undefined) return field.refuse('is not a lock', 'JSON with revision and epoch');
  const its = field.withValue(lock);
  const [revision, epoch] = (['revision', 'epoch'] as const).map((key) =>
    its.member(key).integer(0, Number.MAX_SAFE_INTEGER, key),
  );
  const [holder, seat] = (['holder', 'seat'] as const).map((key) =>
    its.member(key).isPresent ? its.member(key).text("a pod's name") : undefined,
  );
  return withoutUndefined({ revision: revision ?? 0, epoch: epoch ?? 0, holder, seat });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Only the holder may be the endpoint. */
function readEndpoint(field: Field, lock: PairLock | undefined): SliceEndpoint | undefined {
  if (!field.isPresent) return undefined;
  const [first, second] = field.elements('the endpoint of the holder');
  if (second !== undefined) return second.refuse('is a second endpoint', 'the endpoint of the holder');
  if (first === undefined) return undefined;
  const pod = first.member('targetRef').member('name');
  if (lock !== undefined && pod.value !== lock.holder) {
    return pod.refuse('is the pod of the endpoint', lock.holder ?? 'no endpoint without a holder');
  }
  const [address] = first.member('addresses').someElements("the pod's address");
  return {
    pod: pod.text("the holder's pod") ?? '',
    address: (address && readIpAddress(address)?.text) ?? '',
    node: first.member('nodeName').text("the pod's node") ?? '',
    ready: first.member('conditions').member('ready').value === true,
  };
}
