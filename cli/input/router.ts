import type { NetworkConfig } from '../../src/domain/router/network-config';
import type { KubernetesObject } from './kubernetes-object';

/** A router as its manifests declare it. */
export interface Router {
  /** `namespace/name`; without the namespace where the manifests have none. */
  readonly name: string;
  readonly namespace?: string;
  /** What creates its pod: the Cluster Network Operator, the manifests, or unknown. */
  readonly mode: 'operator' | 'standalone' | 'unknown';
  /** The plugin's configuration. */
  readonly config: NetworkConfig;
  /** Name of its interface on the LAN, in the pod. */
  readonly link: string;
  /** The objects that it consists of, by kind. */
  readonly objects: RouterObjects;
}

export interface RouterObjects {
  readonly resource?: KubernetesObject;
  readonly definition?: KubernetesObject;
  readonly deployment?: KubernetesObject;
  /** Contains the rules of a router with live rules. */
  readonly configMap?: KubernetesObject;
  readonly services: readonly KubernetesObject[];
  readonly policies: readonly KubernetesObject[];
}

/** A reason why a router does not start or work as its manifests are. */
export interface RouterProblem {
  /** `namespace/name` of the router. */
  readonly router: string;
  /** The place, the field, its value and what is accepted. */
  readonly text: string;
}

/** The content of the input. */
export interface Inventory {
  /** Sorted by name. */
  readonly routers: readonly Router[];
  /** The number of objects of each kind that belong to no router. */
  readonly otherKinds: ReadonlyMap<string, number>;
  /** Attachments of other plugins, such as `NetworkAttachmentDefinition web/macvlan (plugin macvlan)`. */
  readonly foreign: readonly string[];
  /** Reasons why routers do not start or work as the manifests are. */
  readonly problems: readonly RouterProblem[];
}
