import { type ApiObjectMetadata, Lazy } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Field } from '../../domain/input/decoder';
import { ConfigError, type Issue, issueText } from '../../domain/input/issue';
import { readSubdomain } from '../../domain/values/kubernetes-name';
import type { EgressRouter } from '../egress-router';
import { keepPatches } from '../patch-keeper';
import { canonicalName } from './host-text';

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

const ROUTERS = 'a list of EgressRouter constructs';
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
    const { lines, issues } = readNames({ routers, clusterDomain });
    if (issues.length > 0) throw new ConfigError(issues, 'corefileLines');
    return lines;
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
    const text = () =>
      readNames(props)
        .lines.map((line) => `${line}\n`)
        .join('');
    this.configMap = new kplus.ConfigMap(this, 'ConfigMap', {
      metadata: { name: 'coredns-custom', namespace: 'kube-system', ...props?.metadata },
      data: { [FILE]: Lazy.any({ produce: text }) as unknown as string },
    });
    this.node.addValidation({ validate: () => readNames(props).issues.map(issueText) });
    keepPatches(this);
  }
}

/** The lines, and what is wrong with the routers; a wrong host is an issue of its router. */
function readNames(props: CoreDnsNamesProps): { readonly lines: string[]; readonly issues: Issue[] } {
  const issues: Issue[] = [];
  const root = Field.root(props ?? undefined, issues);
  if (!root.isObjectOf(['routers', 'clusterDomain', 'metadata'])) return { lines: [], issues };
  const domain = root.member('clusterDomain').optional(readSubdomain) ?? 'cluster.local';
  const holders = new Map<string, EgressRouter>();
  const lines = root
    .member('routers')
    .elements(ROUTERS)
    .flatMap((field) => {
      const router = field.value as EgressRouter;
      if (typeof (router as Partial<EgressRouter> | null)?.hostService !== 'function')
        return field.refuse('is not a router', ROUTERS) ?? [];
      return linesOf(field, router, { domain, holders });
    });
  return { lines, issues };
}

interface Names {
  readonly domain: string;
  /** The router of each name so far. */
  readonly holders: Map<string, EgressRouter>;
}

function linesOf(field: Field, router: EgressRouter, { domain, holders }: Names): string[] {
  const shown = field.withValue(router.node.path);
  if (router.namespace === undefined && router.hosts.length > 0) {
    shown.refuse('has no namespace, which is a part of the names of its Services', 'a router whose namespace is known');
    return [];
  }
  return router.hosts.flatMap((host) => {
    const name = canonicalName(String(host?.name));
    const service = router.hostService(name);
    const earlier = holders.get(name);
    if (service === undefined || earlier === router) return [];
    if (earlier !== undefined) {
      shown.refuse(`has the host ${name}, which [${earlier.node.path}] has too`, 'one router for a name in a cluster');
      return [];
    }
    holders.set(name, router);
    return [`rewrite name exact ${name} ${service.name}.${router.namespace}.svc.${domain} answer auto`];
  });
}
