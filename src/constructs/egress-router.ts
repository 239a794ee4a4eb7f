import { type ApiObjectMetadata, Chart } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import { Construct, type IConstruct } from 'constructs';
import type { Host } from '../domain/router/host';
import { packetPaths } from '../domain/router/packet-path';
import { BypassNetworkPolicy } from './clients/bypass-network-policy';
import { ClientNetworkPolicy } from './clients/client-network-policy';
import { resolvedFamilies, serviceFamilies } from './clients/listening-ports';
import { RouterAdmissions } from './clients/router-admissions';
import { RouterService } from './clients/router-service';
import { ClusterRegistry } from './cluster/cluster-registry';
import type { EgressRouterCluster } from './cluster/egress-router-cluster';
import type { EgressRouterAddress } from './egress-router-address';
import type { EgressRouterHost } from './egress-router-host';
import type { EgressRouterProps } from './egress-router-props';
import type { EgressRouterAdmitOptions } from './hosts/host-admissions';
import { RouterHosts } from './hosts/router-hosts';
import { customResourceProps } from './operator/custom-resource-import';
import type { CustomResourceOptions } from './operator/custom-resource-options';
import { OperatorObjects } from './operator/operator-objects';
import { keepPatches } from './patch-keeper';
import type { RedirectRule } from './redirect-rule';
import { RouterDeclaration } from './router-declaration';
import type { RouterMode } from './router-mode';
import { RouterValidation } from './router-validation';
import { StandaloneObjects } from './standalone/standalone-objects';
import { withSyncWave } from './sync-wave';

/**
 * An egress router: clients in the cluster connect to its Service, and their connections leave the cluster from one
 * reserved IP address, with a MAC address of its own, to the destinations of its rules.
 *
 * In operator mode it makes an `EgressRouter` resource and a Service; in standalone mode a
 * NetworkAttachmentDefinition, a Deployment and a Service, and what the options ask for. Synth reports everything that
 * is wrong with a router, together with everything that is wrong with the others.
 *
 * @see https://docs.openshift.com/container-platform/latest/networking/ovn_kubernetes_network_provider/using-an-egress-router-ovn.html
 */
export class EgressRouter extends Construct {
  /**
   * Makes a router from an `EgressRouter` custom resource, such as `Yaml.load(file)[0]`: its name, labels, annotations,
   * addresses, rules and network interface. In standalone mode the network interface becomes the router's link.
   *
   * @param scope the chart, or a construct in one
   * @param id name within the scope
   * @param customResource the resource as an object
   * @param options what the resource does not say
   */
  public static fromCustomResource(
    scope: Construct,
    id: string,
    // biome-ignore lint/suspicious/noExplicitAny: jsii knows no other type for a JSON value
    customResource: { readonly [key: string]: any },
    options: CustomResourceOptions = {},
  ): EgressRouter {
    return new EgressRouter(scope, id, customResourceProps(customResource, options, `${scope.node.path}/${id}`));
  }

  /**
   * Lists the warnings about every router of an app, also those between routers. For CI that reads them in code.
   *
   * @param scope any construct of the app; the result covers the whole app
   */
  public static warningsOf(scope: IConstruct): string[] {
    return ClusterRegistry.all(scope).flatMap((registry) => registry.allWarnings);
  }

  /** Name of the router and, without a name of its own, of its Service. */
  public readonly name: string;

  /** Namespace of the router's objects, if the declaration says it. */
  public readonly namespace?: string;

  /** Who makes the objects that run the router, as the router or its cluster says. */
  public readonly mode: RouterMode;

  /** The cluster that the router belongs to. */
  public readonly cluster: EgressRouterCluster;

  /**
   * The Service through which clients reach the router. A port that is bound to it counts as one of `service.ports`: it
   * must lead to a port of a rule, and takes the place of a rule's with the same number and protocol.
   */
  public readonly service: kplus.Service;

  /** The objects of a standalone router; undefined in operator mode, where the operator makes them in the cluster. */
  public readonly standalone?: StandaloneObjects;

  /** The objects of a router in operator mode; undefined in standalone mode. */
  public readonly operator?: OperatorObjects;

  private readonly declaration: RouterDeclaration;
  private readonly registry: ClusterRegistry;
  private readonly routerService: RouterService;
  private readonly metadata: ApiObjectMetadata;
  private readonly admissions: RouterAdmissions;
  private readonly routerHosts: RouterHosts;

  /**
   * @param scope the chart, or a construct in one
   * @param id name within the scope, and of the router unless `metadata.name` says otherwise
   * @param props what the router is to be
   */
  public constructor(scope: Construct, id: string, props: EgressRouterProps) {
    super(scope, id);
    const isSubclass = new.target !== EgressRouter;
    const place = { path: this.node.path, id, namespace: Chart.of(this).namespace, isSubclass };
    this.declaration = new RouterDeclaration(place, props);
    const { names, rules, argoCdSyncWave, features, service } = this.declaration;
    this.cluster = this.declaration.cluster;
    this.name = names.router;
    this.namespace = names.namespace;
    this.mode = this.declaration.ownMode;
    this.metadata = withSyncWave(this.declaration.metadata, argoCdSyncWave);
    if (this.declaration.isOperator) this.operator = OperatorObjects._make(this, this.declaration, this.metadata);
    else this.standalone = StandaloneObjects._make(this, this.declaration, this.metadata, () => this.services);
    const onBind = (port: kplus.ServicePort) => {
      this.declaration.addPort(port);
      this.registry.forget();
    };
    this.routerService = new RouterService(this, names, this.metadata, service, { ...features, onBind });
    this.service = this.routerService.service;
    for (const rule of rules) this.routerService.bindRule(rule);
    this.admissions = new RouterAdmissions(this, this.declaration, this.metadata);
    this.registry = ClusterRegistry.of(this, this.cluster);
    const familiesOf = (host: Host) => resolvedFamilies(host, this.declaration.identified);
    this.routerHosts = new RouterHosts(this, this.cluster, { names, metadata: this.metadata, ...features }, familiesOf);
    this.routerHosts.declare(this.declaration);
    new RouterValidation(this, this.declaration, this.registry, this.routerHosts, () => this.settle());
    keepPatches(this);
  }

  /** The NetworkPolicy that admits the peers of `allowFrom`; undefined while every pod is admitted. */
  public get networkPolicy(): kplus.NetworkPolicy | undefined {
    return this.admissions.networkPolicy;
  }

  /** The reserved addresses in canonical text; a wrong one as it was given, until synth refuses it. */
  public get addresses(): EgressRouterAddress[] {
    return this.declaration.addresses;
  }

  /** The rules, those added later included. */
  public get redirectRules(): RedirectRule[] {
    return [...this.declaration.rules];
  }

  /**
   * The MAC address that packets leave with: for allowed-address pairs, port security and firewalls. Undefined in
   * operator mode, where the operator's plugin draws one at every start of the pod, and while an address is wrong.
   */
  public get macAddress(): string | undefined {
    return this.declaration.identified?.macAddress;
  }

  /**
   * The MAC address of the pod that stands by, which needs the same permissions as `macAddress`. Undefined without
   * `standby`, and while an address is wrong.
   */
  public get standbyMacAddress(): string | undefined {
    return this.declaration.identified?.standbyMacAddress;
  }

  /** The hosts, those added later included. */
  public get hosts(): EgressRouterHost[] {
    return [...this.declaration.hosts];
  }

  /**
   * Host aliases of the hosts that have a cluster IP, one for each address: for pods that are not written with
   * cdk8s-plus. `admit()` adds them to those that are.
   */
  public get hostAliases(): kplus.HostAlias[] {
    return this.routerHosts.aliases;
  }

  /** Host name that clients reach the router by: `name.namespace.svc`, or the name alone without a namespace. */
  public get clientHost(): string {
    const { service, namespace } = this.declaration.names;
    return namespace === undefined ? service : `${service}.${namespace}.svc`;
  }

  /**
   * What deserves attention although it is accepted: about this router alone. Printed on standard error at synth, or an
   * error with `warningsAsErrors` of the cluster. `EgressRouter.warningsOf(app)` has those between routers too.
   */
  public get warnings(): string[] {
    return [...this.declaration.warnings, ...this.routerHosts.warnings];
  }

  /**
   * Describes what will happen to packets, a line for each way through the router, for people to read.
   *
   * @throws an error that names every field that is wrong
   */
  public describe(): string[] {
    return packetPaths(this.declaration.spec, this.clientHost);
  }

  /**
   * Adds a rule. The Service gets its port, and the NetworkPolicy, if any, admits its clients to it.
   *
   * @param rule where connections to one port go
   */
  public addRedirectRule(rule: RedirectRule): void {
    this.declaration.addRule(rule);
    this.routerService.bindRule(rule);
    this.registry.forget();
  }

  /**
   * Adds a host, with a Service of its own. Workloads that are admitted to all hosts reach it too.
   *
   * @param host a destination by its name
   */
  public addHost(host: EgressRouterHost): void {
    this.declaration.addHost(host);
    this.routerHosts.add(host);
    this.registry.forget();
  }

  /**
   * The Service of a host, through which clients reach it on its real ports; undefined for a name that is not a host's.
   *
   * @param name the host's name
   */
  public hostService(name: string): kplus.Service | undefined {
    return this.routerHosts.serviceOf(name);
  }

  /**
   * Admits a peer to the router's ports. Without `allowFrom`, every pod may connect; the first call makes the
   * NetworkPolicy, and from then on only listed peers may connect.
   *
   * @param peer such as Pods, Namespaces, a Deployment or an IP block
   */
  public allowFrom(peer: kplus.INetworkPolicyPeer): void {
    this.admitPeer(peer);
  }

  /**
   * Admits a workload: its pods resolve the hosts to the hosts' Services, by lines of their /etc/hosts, and may connect
   * to the router as with `allowFrom()`. Each host needs a cluster IP. Adding a host restarts the workloads that are
   * admitted to every host, and those that name it.
   *
   * @param workload a Deployment, StatefulSet, DaemonSet, Job or Pod
   * @param options which hosts it uses
   */
  public admit(workload: kplus.AbstractPod, options: EgressRouterAdmitOptions = {}): void {
    const admission = this.routerHosts.admissions.admit(workload, options);
    if (admission !== false) this.admitPeer(workload, admission.hosts);
    this.registry.forget();
  }

  /**
   * Makes a NetworkPolicy beside clients that keeps them from the addresses of the router's destinations, so that they
   * reach these by the router alone. Everything else stays open to them, unless another policy selects them; another
   * policy can also open what this one closes, because policies add up. A host without addresses needs `allowedCidrs`.
   *
   * @param scope a chart in the clients' namespace, or a construct in one
   * @param id name within the scope; the NetworkPolicy is named after the router and the id
   * @param clients the pods, such as a Deployment or Pods.select(…), in the namespace of the chart
   * @throws an error when the clients are in another namespace
   */
  public closeBypass(scope: Construct, id: string, clients: kplus.IPodSelector): kplus.NetworkPolicy {
    return new BypassNetworkPolicy(scope, id, { declaration: this.declaration, clients }).networkPolicy;
  }

  /**
   * Makes a NetworkPolicy beside clients whose namespace denies egress: it lets them reach the router's ports and the
   * cluster's DNS.
   *
   * @param scope a chart in the clients' namespace, or a construct in one
   * @param id name within the scope; the NetworkPolicy is named after the router and the id
   * @param clients the pods, such as a Deployment or Pods.select(…), in the namespace of the chart
   * @throws an error when the clients are in another namespace
   */
  public allowClientEgress(scope: Construct, id: string, clients: kplus.IPodSelector): kplus.NetworkPolicy {
    return new ClientNetworkPolicy(scope, id, { declaration: this.declaration, clients }).networkPolicy;
  }

  /** Settles what depends on all rules and hosts, before synth renders. */
  private settle(): void {
    const { declaration, routerService, admissions } = this;
    for (const port of declaration.servicePorts) routerService.bindRule(port);
    routerService.useFamilies(serviceFamilies(declaration.identified, declaration.hasFallback));
    admissions.settle();
  }

  /** The router's own Service, then those of its hosts so far. */
  private get services(): kplus.Service[] {
    return [this.service, ...this.routerHosts.services];
  }

  /** @param hosts the hosts whose ports it may use; absent: every port of the router */
  private admitPeer(peer: kplus.INetworkPolicyPeer, hosts?: readonly string[]): void {
    this.admissions.add(peer, hosts);
    this.registry.forget();
  }
}
