import type { ApiObjectMetadata } from 'cdk8s';
import {
  INSTANCE_LABEL,
  NAME_LABEL,
  NAME_LABEL_VALUE,
  OPERATOR_LABEL,
  OPERATOR_NAMES,
} from '../domain/router/object-names';
import { pairSecretName } from '../domain/router/pair';
import { RouterModeKind } from '../domain/router/router-spec';

/** Names and labels of the objects of one router. They follow from its name alone, never from its place in the code. */
export interface RouterNames {
  readonly router: string;
  readonly namespace?: string;
  readonly service: string;
  readonly networkAttachmentDefinition: string;
  readonly deployment: string;
  readonly container: string;
  /** Of the NetworkPolicy about what the router's pod itself starts. */
  readonly egressPolicy: string;
  /** Of the ServiceAccount of a pair, its Role and RoleBinding. */
  readonly standby: string;
  /** Of the Secret that the pods of a pair make. */
  readonly pairSecret: string;
  /** Labels of every object. */
  readonly labels: { readonly [key: string]: string };
  /** The labels that find this router's pod and no other. */
  readonly selector: { readonly [key: string]: string };
}

export interface NamesInput {
  readonly name: string;
  readonly namespace?: string;
  readonly serviceName?: string;
  readonly mode: RouterModeKind;
  readonly operatorNames: boolean;
}

export function routerNames({ name, namespace, serviceName, mode, operatorNames }: NamesInput): RouterNames {
  const labels = { [NAME_LABEL]: NAME_LABEL_VALUE, [INSTANCE_LABEL]: name };
  const service = serviceName ?? name;
  const common = {
    router: name,
    namespace,
    service,
    egressPolicy: `${name}-own-egress`,
    standby: `${name}-standby`,
    pairSecret: pairSecretName(service),
  };
  if (mode === RouterModeKind.OPERATOR || operatorNames) {
    return {
      ...common,
      ...OPERATOR_NAMES,
      labels: { ...labels, ...OPERATOR_LABEL },
      selector: OPERATOR_LABEL,
    };
  }
  return {
    ...common,
    networkAttachmentDefinition: name,
    deployment: name,
    container: 'egress-router',
    labels,
    selector: labels,
  };
}

/** Metadata of one object: the router's own labels come last, because selectors depend on them. */
export function objectMetadata(names: RouterNames, name: string, given: ApiObjectMetadata = {}): ApiObjectMetadata {
  return {
    name,
    namespace: names.namespace,
    labels: { ...given.labels, ...names.labels },
    annotations: given.annotations,
  };
}

/** The warning about a router whose configuration cannot name the namespace that may use it. */
export function namespaceWarnings({ namespace }: RouterNames): string[] {
  if (namespace !== undefined) return [];
  return [
    'metadata.namespace: is not known at synth, so pods of every namespace can take the reserved address by naming ' +
      "the router's network; give the chart a namespace (new Chart(app, id, { namespace })), or the router metadata.namespace",
  ];
}
