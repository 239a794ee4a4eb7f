import { ApiObject, Lazy, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import { DNS_PORT } from '../../domain/data-plane/own-services';
import { Field } from '../../domain/input/decoder';
import { type Issue, issueText } from '../../domain/input/issue';
import type { EgressRouter } from '../egress-router';
import { keepPatches } from '../patch-keeper';
import { ledNamesOf, readSomeNames, serverText } from './led-names';

/** Properties for `Rke2DnsNames`. */
export interface Rke2DnsNamesProps {
  /** The routers whose hosts every pod of the cluster resolves to their Services, those added later included. */
  readonly routers: EgressRouter[];

  /**
   * Domain of the cluster's Services.
   *
   * @default 'cluster.local'
   */
  readonly clusterDomain?: string;

  /**
   * Further values of the chart, such as `{ nodelocal: { enabled: true } }`: a cluster has one HelmChartConfig for it.
   *
   * @default - none
   */
  // biome-ignore lint/suspicious/noExplicitAny: jsii knows no other type for a JSON value
  readonly values?: { readonly [key: string]: any };
}

const KEYS: Record<keyof Rke2DnsNamesProps, true> = { routers: true, clusterDomain: true, values: true };
const FILE = 'egress-router.server';
/** The chart's folder of the Corefile and of what it calls zone files. */
const PATH = `/etc/coredns/${FILE}`;

/**
 * The HelmChartConfig by which RKE2's CoreDNS leads the names of hosts to their Services, for every pod of the cluster:
 * a server for these names beside the chart's own, which stays as it is. A host needs no cluster IP for it. CoreDNS
 * restarts, one pod after another, when a host comes or goes.
 *
 * @see https://docs.rke2.io/helm#customizing-packaged-components-with-helmchartconfig
 * @see https://github.com/coredns/helm/tree/master/charts/coredns
 */
export class Rke2DnsNames extends Construct {
  /** The HelmChartConfig `rke2-coredns` in `kube-system`. */
  public readonly helmChartConfig: ApiObject;

  /**
   * @param scope the chart, or a construct in one
   * @param id name within the scope
   * @param props whose hosts, and further values of the chart
   */
  public constructor(scope: Construct, id: string, props: Rke2DnsNamesProps) {
    super(scope, id);
    this.helmChartConfig = new ApiObject(this, 'HelmChartConfig', {
      apiVersion: 'helm.cattle.io/v1',
      kind: 'HelmChartConfig',
      metadata: { name: 'rke2-coredns', namespace: 'kube-system' },
      spec: { valuesContent: Lazy.any({ produce: () => Yaml.stringify(valuesOf(props)) }) },
    });
    this.node.addValidation({ validate: () => issuesOf(props).map(issueText) });
    keepPatches(this);
  }
}

function valuesOf(props: Rke2DnsNamesProps): object {
  const { extraConfig, zoneFiles = [], ...others } = props.values ?? {};
  // CoreDNS asks itself for the Services.
  const contents = serverText(ledNamesOf(props), { port: DNS_PORT, clusterDns: '127.0.0.1' });
  return {
    ...others,
    extraConfig: { ...extraConfig, import: { parameters: PATH } },
    zoneFiles: [...zoneFiles, { filename: FILE, contents }],
  };
}

function issuesOf(props: Rke2DnsNamesProps): Issue[] {
  const issues: Issue[] = [];
  const root = Field.root(props ?? undefined, issues);
  if (!root.isObjectOf(Object.keys(KEYS))) return issues;
  readSomeNames(root);
  const values = root.member('values');
  if (!values.isPresent || !values.isObject('values of the chart rke2-coredns')) return issues;
  const [zoneFiles, extraConfig] = [values.member('zoneFiles'), values.member('extraConfig')];
  if (zoneFiles.isPresent) zoneFiles.elements('a list of files');
  if (!extraConfig.isPresent || !extraConfig.isObject()) return issues;
  const own = extraConfig.member('import');
  if (own.isPresent)
    own.refuse('is how the chart reads the names of hosts', 'values without it, and your servers in `servers`');
  return issues;
}
