import type { NetworkConfig } from '../../src/domain/router/network-config';
import type { KubernetesObject } from './kubernetes-object';

/** A router as its manifests declare it. */
export interface Router {
  /** `namespace/name`; without the namespace where the manifests have none. */
  readonly name: string;
  readonly namespace?: string;
  /** Who makes its pod: the Cluster Network Operator, the manifests themselves, or nobody that is known of. */
  readonly provisioning: 'operator' | 'standalone' | 'unknown';
  /** What the plugin will get. */
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
  /** The rules of a router with live rules. */
  readonly configMap?: KubernetesObject;
  readonly services: readonly KubernetesObject[];
  readonly policies: readonly KubernetesObject[];
}

/** What was found in the input. */
export interface Inventory {
  /** In the order of their names. */
  readonly routers: readonly Router[];
  /** How many objects of each kind belong to no router. */
  readonly otherKinds: ReadonlyMap<string, number>;
  /** Attachments of other plugins, such as `NetworkAttachmentDefinition web/macvlan (plugin macvlan)`. */
  readonly foreign: readonly string[];
}
