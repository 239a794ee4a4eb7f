import { INSTANCE_LABEL } from '../../src/domain/router/object-names';
import { type KubernetesObject, member, texts } from './kubernetes-object';
import { hasAll, takes } from './label-selector';
import { NETWORKS_ANNOTATION, type NetworkReference, readNetworkReferences } from './network-references';

/** An object whose pods are attached to a network. */
export interface NetworkUser {
  readonly object: KubernetesObject;
  readonly podLabels: Readonly<Record<string, string>>;
  /** Name of the interface in the pods, if the object gives one. */
  readonly link?: string;
}

/** A network that the pods of an object ask for. */
export interface NetworkRequest {
  readonly object: KubernetesObject;
  /** With the namespace of the object where the annotation has none. */
  readonly network: NetworkReference;
}

/** Finds objects by the references between them: names, selectors and annotations. */
export class ObjectIndex {
  private readonly kinds: ReadonlyMap<string, readonly KubernetesObject[]>;
  /** By kind and namespace, because a selector matches only within its own namespace. */
  private readonly places: ReadonlyMap<string, readonly KubernetesObject[]>;
  private users: ReadonlyMap<string, NetworkUser> | undefined;
  /** By namespace and label of the router. */
  private instances: ReadonlyMap<string, readonly NetworkUser[]> | undefined;

  public constructor(public readonly all: readonly KubernetesObject[]) {
    this.kinds = grouped(all, ({ kind }) => kind);
    this.places = grouped(all, ({ kind, metadata }) => placeKey(kind, metadata.namespace));
  }

  public ofKind(kind: string): readonly KubernetesObject[] {
    return this.kinds.get(kind) ?? [];
  }

  /** Services and NetworkPolicies of the namespace that select pods with these labels. */
  public selecting(
    namespace: string | undefined,
    podLabels: Readonly<Record<string, string>>,
  ): Readonly<Record<'services' | 'policies', readonly KubernetesObject[]>> {
    const here = (kind: string) => this.places.get(placeKey(kind, namespace)) ?? [];
    return {
      services: here('Service').filter(({ body }) => {
        const selector = texts(member(body, 'spec', 'selector'));
        // A Service without a selector has endpoints that are managed elsewhere.
        return Object.keys(selector).length > 0 && hasAll(selector, podLabels);
      }),
      policies: here('NetworkPolicy').filter(({ body }) => takes(member(body, 'spec', 'podSelector'), podLabels)),
    };
  }

  /** The networks that the pods of each Deployment ask for. */
  public requests(): NetworkRequest[] {
    return this.ofKind('Deployment').flatMap((object) => {
      const annotation = texts(member(object.body, 'spec', 'template', 'metadata', 'annotations'))[NETWORKS_ANNOTATION];
      return readNetworkReferences(annotation, object.place).map((reference) => ({
        object,
        network: { namespace: object.metadata.namespace, ...reference },
      }));
    });
  }

  public hasNetwork({ name, namespace }: NetworkReference): boolean {
    return this.networksOf(namespace).some(({ metadata }) => metadata.name === name);
  }

  /** The networks in the namespace of an object, those with its labels' router first. */
  public networksBeside({ metadata: { namespace, labels } }: KubernetesObject): readonly KubernetesObject[] {
    const all = this.networksOf(namespace);
    const own = all.filter(({ metadata }) => metadata.labels[INSTANCE_LABEL] === labels[INSTANCE_LABEL]);
    return own.length > 0 ? own : all;
  }

  private networksOf(namespace: string | undefined): readonly KubernetesObject[] {
    return this.places.get(placeKey('NetworkAttachmentDefinition', namespace)) ?? [];
  }

  /** The Deployment whose pods ask for the network. */
  public userOf({ metadata: { name, namespace } }: KubernetesObject): NetworkUser | undefined {
    this.users ??= this.networkUsers();
    return this.users.get(placeKey(name, namespace));
  }

  /** Whether pods of another object in the namespace have the same label of their router. */
  public sharesInstance({ object, podLabels }: NetworkUser): boolean {
    this.users ??= this.networkUsers();
    this.instances ??= grouped([...this.users.values()], instanceKey);
    const same = this.instances.get(instanceKey({ object, podLabels })) ?? [];
    return same.some((user) => user.object !== object);
  }

  /** The ConfigMap that a Deployment's pods mount, if they mount one. */
  public configMapOf({ body, metadata: { namespace } }: KubernetesObject): KubernetesObject | undefined {
    const volumes = member(body, 'spec', 'template', 'spec', 'volumes');
    const names = (Array.isArray(volumes) ? volumes : []).map((volume) => member(volume, 'configMap', 'name'));
    return this.places.get(placeKey('ConfigMap', namespace))?.find(({ metadata }) => names.includes(metadata.name));
  }

  private networkUsers(): Map<string, NetworkUser> {
    const users = new Map<string, NetworkUser>();
    for (const { object, network } of this.requests()) {
      const { name, namespace, interface: link } = network;
      const podLabels = texts(member(object.body, 'spec', 'template', 'metadata', 'labels'));
      users.set(placeKey(name, namespace), { object, podLabels, ...(link === undefined ? {} : { link }) });
    }
    return users;
  }
}

function instanceKey({ object, podLabels }: NetworkUser): string {
  return placeKey(podLabels[INSTANCE_LABEL] ?? '', object.metadata.namespace);
}

function placeKey(name: string, namespace = ''): string {
  return `${namespace}/${name}`;
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
