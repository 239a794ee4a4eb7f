import { type ApiObjectMetadata, Lazy } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Field } from '../../domain/input/decoder';
import { ConfigError, type Issue, issueText } from '../../domain/input/issue';
import type { EgressRouter } from '../egress-router';
import { keepPatches } from '../patch-keeper';
import { ledNamesOf, readLedNames } from './led-names';

/** Properties for `CoreDnsNames`. */
export interface CoreDnsNamesProps {
  /** The routers whose hosts every pod of the cluster resolves to their Services, those added later included. */
  readonly routers: EgressRouter[];

  /**
   * Domain of the cluster's Services.
   *
   * @default 'cluster.local'
   */
  readonly clusterDomain?: string;

  /**
   * Metadata of the ConfigMap.
   *
   * @default - `coredns-custom` in `kube-system`, which k3s and AKS read
   */
  readonly metadata?: ApiObjectMetadata;
}

const KEYS: Record<keyof CoreDnsNamesProps, true> = { routers: true, clusterDomain: true, metadata: true };
const FILE = 'egress-router.override';

/**
 * The ConfigMap by which the CoreDNS of k3s and of AKS leads the names of hosts to their Services, for every pod of the
 * cluster. Elsewhere `CoreDnsNames.corefileLines()` has the lines for the Corefile. A host needs no cluster IP for it.
 *
 * @see https://coredns.io/plugins/rewrite/
 */
export class CoreDnsNames extends Construct {
  /**
   * Lines for the server block of the cluster's domain in a Corefile, one for each host of the routers as they are now.
   *
   * @param routers the routers
   * @param clusterDomain domain of the cluster's Services
   * @throws an error that names what is wrong
   */
  public static corefileLines(routers: EgressRouter[], clusterDomain: string = 'cluster.local'): string[] {
    const issues: Issue[] = [];
    const { lines } = readLedNames(Field.root({ routers, clusterDomain }, issues));
    if (issues.length > 0) throw new ConfigError(issues, 'corefileLines');
    return [...lines];
  }

  /** The ConfigMap; CoreDNS reads a change within a minute or two. */
  public readonly configMap: kplus.ConfigMap;

  /**
   * @param scope the chart, or a construct in one
   * @param id name within the scope
   * @param props whose hosts, and where the lines go
   */
  public constructor(scope: Construct, id: string, props: CoreDnsNamesProps) {
    super(scope, id);
    const text = () => ledNamesOf(props).lines.map((line) => `${line}\n`);
    this.configMap = new kplus.ConfigMap(this, 'ConfigMap', {
      metadata: { name: 'coredns-custom', namespace: 'kube-system', ...props?.metadata },
      data: { [FILE]: Lazy.any({ produce: () => text().join('') }) as unknown as string },
    });
    this.node.addValidation({ validate: () => issuesOf(props).map(issueText) });
    keepPatches(this);
  }
}

function issuesOf(props: CoreDnsNamesProps): Issue[] {
  const issues: Issue[] = [];
  const root = Field.root(props ?? undefined, issues);
  if (root.isObjectOf(Object.keys(KEYS))) readLedNames(root);
  return issues;
}
