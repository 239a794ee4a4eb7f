import { addTo } from '../../src/domain/input/collections';
import { INSTANCE_LABEL, NAME_LABEL, NAME_LABEL_VALUE, OPERATOR_LABEL } from '../../src/domain/router/object-names';
import { type KubernetesObject, member, texts } from './kubernetes-object';
import { takes } from './label-selector';
import type { ObjectIndex } from './object-index';
import type { Router, RouterProblem } from './router';

/** Where in each kind is the selector of pods, as a LabelSelector. */
const SELECTORS: Readonly<Record<string, (object: KubernetesObject) => unknown>> = {
  Service: ({ body }) => ({ matchLabels: member(body, 'spec', 'selector') }),
  Deployment: ({ body }) => member(body, 'spec', 'selector'),
  PodMonitor: ({ body }) => member(body, 'spec', 'selector'),
};

/** The pods of a router. */
interface RouterPods {
  readonly router: Router;
  readonly labels: Readonly<Record<string, string>>;
  /** The Deployment, or the resource that the operator makes one of. */
  readonly madeBy: KubernetesObject;
}

/**
 * Objects of this library whose selector does not take the pods of exactly one router: Kustomize's `commonLabels`, and
 * its `labels` with `includeSelectors`, may replace the labels that tell the pods of routers apart, and add some that
 * the operator's pods do not have. Where a Service takes the pods of two routers, clients leave by the address of the
 * other; where a PodMonitor takes none, nothing is measured.
 */
export function wrongSelections(routers: readonly Router[], index: ObjectIndex): RouterProblem[] {
  const pods = new PodsOfRouters(routers);
  return Object.entries(SELECTORS).flatMap(([kind, selectorOf]) =>
    index.ofKind(kind).flatMap((object) => {
      const selector = selectorOf(object);
      if (object.metadata.labels[NAME_LABEL] !== NAME_LABEL_VALUE || isEmpty(selector)) return [];
      const taken = pods.takenBy(selector, object.metadata.namespace);
      const affected = taken.length === 0 ? pods.beside(object) : taken;
      if (taken.length === 1 || affected.length === 0) return [];
      const text = problemOf(
        object,
        taken.map(({ router }) => router),
      );
      return affected.map(({ router }) => ({ router: router.name, text }));
    }),
  );
}

function problemOf({ place, kind, metadata }: KubernetesObject, taken: readonly Router[]): string {
  const names = taken.map(({ name }) => name).join(' and ') || 'no router';
  return (
    `${place}: ${kind} ${metadata.name}: the selector takes the pods of ${names}; accepted: labels of the pods of one router ` +
    'alone (Kustomize changes selectors by commonLabels, and by labels with includeSelectors)'
  );
}

/** A Service without a selector has endpoints that are managed elsewhere. */
function isEmpty(selector: unknown): boolean {
  return (
    Object.keys(texts(member(selector, 'matchLabels'))).length === 0 &&
    member(selector, 'matchExpressions') === undefined
  );
}

/** Finds pods by the label of the router first: a fleet has thousands in one namespace. */
class PodsOfRouters {
  private readonly byInstance = new Map<string, RouterPods[]>();
  private readonly byNamespace = new Map<string | undefined, RouterPods[]>();

  public constructor(routers: readonly Router[]) {
    for (const router of routers) {
      const { deployment, resource } = router.objects;
      const madeBy = deployment ?? resource;
      if (madeBy === undefined) continue;
      const { namespace } = madeBy.metadata;
      const labels = texts(member(madeBy.body, 'spec', 'template', 'metadata', 'labels'));
      const pods = { router, labels: madeBy === resource ? OPERATOR_LABEL : labels, madeBy };
      addTo(this.byNamespace, namespace, pods);
      addTo(this.byInstance, instanceKey(labels, namespace), pods);
    }
  }

  /** Those that the selector takes in its namespace. */
  public takenBy(selector: unknown, namespace: string | undefined): readonly RouterPods[] {
    const wanted = texts(member(selector, 'matchLabels'));
    const some =
      wanted[INSTANCE_LABEL] === undefined
        ? this.byNamespace.get(namespace)
        : this.byInstance.get(instanceKey(wanted, namespace));
    return (some ?? []).filter(({ labels }) => takes(selector, labels));
  }

  /** Those of Deployments with the same label of the router as the object. */
  public beside({ metadata: { labels, namespace } }: KubernetesObject): readonly RouterPods[] {
    return (this.byNamespace.get(namespace) ?? []).filter(
      ({ madeBy }) => madeBy.metadata.labels[INSTANCE_LABEL] === labels[INSTANCE_LABEL],
    );
  }
}

function instanceKey(labels: Readonly<Record<string, string>>, namespace = ''): string {
  return `${namespace}/${labels[INSTANCE_LABEL]}`;
}
