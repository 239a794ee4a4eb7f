import { valueText } from '../../src/domain/input/value-text';
import { InputError } from './input-error';
import { record } from './kubernetes-object';

/** A network that a pod's annotation requests from Multus. */
export interface NetworkReference {
  readonly namespace?: string;
  readonly name: string;
  /** Name of the interface in the pod, where the annotation gives one. */
  readonly interface?: string;
}

export const NETWORKS_ANNOTATION = 'k8s.v1.cni.cncf.io/networks';

/**
 * Reads both forms of the annotation: a JSON list, and `namespace/name@interface` with commas between.
 *
 * @see https://github.com/k8snetworkplumbingwg/multi-net-spec/blob/master/v1.3/%5Bv1.3%5D%20Kubernetes%20Network%20Custom%20Resource%20Definition%20De-facto%20Standard.pdf
 * @throws InputError for an entry that names no network
 */
export function readNetworkReferences(annotation: string | undefined, place: string): NetworkReference[] {
  if (annotation === undefined || annotation.trim() === '') return [];
  if (annotation.trimStart().startsWith('[')) return readList(annotation, place);
  return annotation.split(',').map((item) => {
    const [, namespace, name, link] = /^\s*(?:([^/@\s]+)\/)?([^/@\s]+)(?:@(\S+))?\s*$/.exec(item) ?? [];
    if (name === undefined) throw bad(place, item);
    return {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(link === undefined ? {} : { interface: link }),
    };
  });
}

function readList(annotation: string, place: string): NetworkReference[] {
  let items: unknown;
  try {
    items = JSON.parse(annotation);
  } catch {
    throw bad(place, annotation);
  }
  return (items as unknown[]).map((item) => {
    const { name, namespace, interface: link } = record(item) ?? {};
    if (typeof name !== 'string') throw bad(place, item);
    return {
      name,
      ...(typeof namespace === 'string' ? { namespace } : {}),
      ...(typeof link === 'string' ? { interface: link } : {}),
    };
  });
}

function bad(place: string, value: unknown): InputError {
  return new InputError(
    `${place}: annotation ${NETWORKS_ANNOTATION}: ${valueText(value)} names no network; accepted: NAMESPACE/NAME@INTERFACE, or a JSON list`,
  );
}
