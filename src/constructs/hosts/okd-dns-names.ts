import { ApiObject, Chart, JsonPatch, Lazy } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { Field } from '../../domain/input/decoder';
import { type Issue, issueText } from '../../domain/input/issue';
import { type ClusterNetwork, checkClusterIp } from '../../domain/router/cluster-network';
import { dnsAddressOf } from '../../domain/router/service-ips';
import { type IpAddress, readIpAddress } from '../../domain/values/ip-address';
import { readServiceName } from '../../domain/values/kubernetes-name';
import { completeMetadata, nameField } from '../declared-metadata';
import type { EgressRouter } from '../egress-router';
import { addOwnPatch, keepPatches } from '../patch-keeper';
import { readImageName } from '../standalone/image-name';
import { ledNamesOf, readSomeNames, serverText } from './led-names';
import { OKD_DNS_NAMES_KEYS, type OkdDnsNamesProps } from './okd-dns-names-props';
import { LISTEN_PORT, makeDnsServer, SERVER_PLUGINS } from './okd-dns-server';

const SERVER_NAME = 'egress-router';

const FREE = 'a free address near the start of the Service network, such as "172.30.0.53"';

/**
 * Leads the names of hosts to their Services for every pod of a cluster of OKD or OpenShift, whose DNS operator
 * forwards zones and rewrites nothing: a small CoreDNS for these names alone, and the entry of `spec.servers` by which
 * the operator forwards them to it. Names below those of hosts are asked of the nodes' DNS servers, as before. A host
 * needs no cluster IP for it. One of these serves all routers of a cluster.
 *
 * @see https://docs.okd.io/latest/networking/networking_operators/dns-operator.html
 */
export class OkdDnsNames extends Construct {
  /** The Corefile; CoreDNS reads a change within a minute or two. */
  public readonly configMap: kplus.ConfigMap;

  /** The two replicas of CoreDNS. */
  public readonly deployment: kplus.Deployment;

  /** The Service that the cluster's DNS forwards to. */
  public readonly service: kplus.Service;

  /** The operator's resource, if it was asked for. */
  public readonly dnsResource?: ApiObject;

  /**
   * @param scope the chart, or a construct in one
   * @param id name within the scope, and of the objects unless `metadata.name` says otherwise
   * @param props whose hosts, and what serves them
   */
  public constructor(
    scope: Construct,
    id: string,
    private readonly props: OkdDnsNamesProps,
  ) {
    super(scope, id);
    const metadata = completeMetadata(Field.root(props?.metadata, []), id, Chart.of(this).namespace);
    const { image, clusterIp } = props ?? {};
    const corefile = Lazy.any({ produce: () => this.corefile }) as unknown as string;
    const server = makeDnsServer(this, { metadata, image, clusterIp, corefile });
    this.configMap = server.configMap;
    this.deployment = server.deployment;
    this.service = server.service;
    if (props?.dnsResource === true) this.dnsResource = this.makeDnsResource();
    this.node.addValidation({ validate: () => this.issues(id).map(issueText) });
    keepPatches(this);
  }

  /** The entry of `spec.servers` for the hosts that the routers have now. */
  // biome-ignore lint/suspicious/noExplicitAny: jsii knows no other type for a JSON value
  public get dnsServer(): { readonly [key: string]: any } {
    const zones = [...ledNamesOf(this.props).names];
    return { name: SERVER_NAME, zones, forwardPlugin: { upstreams: [this.props.clusterIp] } };
  }

  /**
   * A command that adds the server to the operator's resource, for one that another team owns. A server that was added
   * before has to be removed there first.
   *
   * @param isFirst whether the resource has no `spec.servers` yet
   */
  public patchCommand(isFirst: boolean = false): string {
    const value = this.dnsServer;
    const operation = isFirst
      ? { op: 'add', path: '/spec/servers', value: [value] }
      : { op: 'add', path: '/spec/servers/-', value };
    return `kubectl patch dns.operator.openshift.io default --type=json --patch='${JSON.stringify([operation])}'`;
  }

  private get corefile(): string {
    const clusterDns = this.props.clusterDnsIp ?? this.defaultClusterDns?.text ?? '';
    return serverText(ledNamesOf(this.props), { port: LISTEN_PORT, clusterDns, plugins: SERVER_PLUGINS });
  }

  /** The networks of the routers' cluster. */
  private get networks(): readonly ClusterNetwork[] {
    const routers: unknown = this.props.routers;
    const [router] = Array.isArray(routers) ? (routers as (Partial<EgressRouter> | null)[]) : [];
    return router?.cluster?._networks ?? [];
  }

  private get defaultClusterDns(): IpAddress | undefined {
    const network = this.networks.find(({ holders }) => holders === 'Services');
    return network && dnsAddressOf(network.cidr);
  }

  private makeDnsResource(): ApiObject {
    const resource = new ApiObject(this, 'Dns', {
      apiVersion: 'operator.openshift.io/v1',
      kind: 'DNS',
      metadata: { name: 'default' },
      spec: { servers: Lazy.any({ produce: () => [this.dnsServer] }) },
    });
    // It is in no namespace, and cdk8s writes the chart's.
    if (resource.metadata.namespace !== undefined) addOwnPatch(resource, JsonPatch.remove('/metadata/namespace'));
    return resource;
  }

  private issues(id: string): Issue[] {
    const issues: Issue[] = [];
    const root = Field.root(this.props ?? undefined, issues);
    if (!root.isObjectOf(OKD_DNS_NAMES_KEYS)) return issues;
    readSomeNames(root);
    readImageName(
      root.member('image'),
      'the name of an image of CoreDNS, such as "registry.k8s.io/coredns/coredns:v1.12.1"',
    );
    const clusterIp = readClusterIp(root.member('clusterIp'), this.props.routers);
    checkClusterIp(root.member('clusterIp'), this.networks);
    const clusterDns = root.member('clusterDnsIp');
    const accepted = 'the cluster IP of dns-default in openshift-dns, or serviceCidrs of the cluster';
    const given = clusterDns.optional((field) => readIpAddress(field, accepted));
    const asked = clusterDns.isPresent ? given : this.defaultClusterDns;
    if (!clusterDns.isPresent && issues.length === 0 && asked === undefined) clusterDns.refuse('is missing', accepted);
    if (clusterIp !== undefined && clusterIp.text === asked?.text)
      root.member('clusterIp').refuse("is the cluster DNS's own, which CoreDNS asks: it would ask itself", FREE);
    readServiceName(nameField(root.member('metadata'), id, issues));
    root.member('dnsResource').optional((field) => field.flag());
    return issues;
  }
}

/** Reads the cluster IP, which no host may have. */
function readClusterIp(field: Field, routers: readonly EgressRouter[]): IpAddress | undefined {
  const address = readIpAddress(field, FREE);
  if (address === undefined || !Array.isArray(routers)) return address;
  for (const router of routers as readonly EgressRouter[]) {
    const host = router?.hostAliases?.find(({ ip }) => ip === address.text);
    if (host !== undefined) field.refuse(`is the cluster IP of the host ${host.hostnames[0]}`, FREE);
  }
  return address;
}
