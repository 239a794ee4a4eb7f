import { valueText } from '../../src/domain/input/value-text';
import { INSTANCE_LABEL, NAME_LABEL, NAME_LABEL_VALUE } from '../../src/domain/router/object-names';
import type { KubernetesObject } from './kubernetes-object';
import { NETWORKS_ANNOTATION } from './network-references';
import type { ObjectIndex } from './object-index';
import type { Router, RouterProblem } from './router';
import { wrongClients } from './wrong-clients';
import { wrongNames } from './wrong-names';
import { wrongSelections } from './wrong-selections';

/**
 * Finds references that tools break between synth and apply: Kustomize's `namePrefix` and `namespace` change names and
 * namespaces of objects, but not the texts in an annotation and in `spec.config` that repeat them; its labels may
 * replace those that tell the pods of routers apart.
 */
export function routerProblems(routers: readonly Router[], index: ObjectIndex): RouterProblem[] {
  return [
    ...missingNetworks(index),
    ...routers.flatMap(otherNamespace),
    ...wrongSelections(routers, index),
    ...wrongNames(index),
    ...wrongClients(index),
  ];
}

/** Deployments of this library whose pods ask for a network that is not in the input: they wait for it. */
function missingNetworks(index: ObjectIndex): RouterProblem[] {
  return index.requests().flatMap(({ object, network }) => {
    if (object.metadata.labels[NAME_LABEL] !== NAME_LABEL_VALUE || index.hasNetwork(network)) return [];
    const { name, namespace } = network;
    const path = `spec.template.metadata.annotations["${NETWORKS_ANNOTATION}"]`;
    const accepted = index.networksBeside(object).map((other) => valueText(other.metadata.name));
    const where = namespace === undefined ? '' : ` of namespace ${namespace}`;
    return [
      {
        router: routerOf(object),
        text:
          `${object.place}: Deployment ${object.metadata.name}: ${path}: ${valueText(name)} is not a network${where} in ` +
          `the input, and the pod waits for it; accepted: ${accepted.join(', ') || 'a NetworkAttachmentDefinition beside it'}`,
      },
    ];
  });
}

function routerOf({ metadata: { name, namespace, labels } }: KubernetesObject): string {
  const own = labels[INSTANCE_LABEL] || name;
  return namespace === undefined ? own : `${namespace}/${own}`;
}

/** ADD rejects pods of another namespace than the configuration's. */
function otherNamespace({ name, config: { podNamespace }, objects }: Router): RouterProblem[] {
  const { definition, deployment } = objects;
  if (podNamespace === undefined || definition === undefined) return [];
  const wrong = [definition, deployment].find(
    (object) => object?.metadata.namespace !== undefined && object.metadata.namespace !== podNamespace,
  );
  if (wrong === undefined) return [];
  const { kind, metadata } = wrong;
  return [
    {
      router: name,
      text:
        `${definition.place}: NetworkAttachmentDefinition ${definition.metadata.name}: spec.config podNamespace: ` +
        `${valueText(podNamespace)} is not the namespace of ${kind} ${metadata.name}, and ADD rejects the pod; ` +
        `accepted: ${valueText(metadata.namespace)}`,
    },
  ];
}
