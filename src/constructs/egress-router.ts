import { type ApiObjectMetadata, Chart } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import { Construct, type IConstruct } from 'constructs';
import { type Issue, issueText } from '../domain/input/issue';
import type { Claimant } from '../domain/router/conflicts';
import { packetPaths } from '../domain/router/packet-path';
import { ClientNetworkPolicy } from './clients/client-network-policy';
import { RouterNetworkPolicy } from './clients/router-network-policy';
import { RouterService } from './clients/router-service';
import { asErrors, ClusterRegistry, warn } from './cluster/cluster-registry';
import type { EgressRouterCluster } from './cluster/egress-router-cluster';
import { podSecurityIssues } from './cluster/pod-security';
import { declaredObjects } from './declared-objects';
import type { EgressRouterAddress } from './egress-router-address';
import type { EgressRouterProps } from './egress-router-props';
import { isInTree } from './is-in-tree';
import { customResourceProps } from './operator/custom-resource-import';
import type { CustomResourceOptions } from './operator/custom-resource-options';
import { OperatorObjects } from './operator/operator-objects';
import { keepPatches } from './patch-keeper';
import type { RedirectRule } from './redirect-rule';
import { RouterDeclaration } from './router-declaration';
import type { RouterMode } from './router-mode';
import { configMapIssues } from './standalone/router-config-map';
import { standaloneNetworkConfig } from './standalone/router-network-config';
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
  private routerPolicy?: RouterNetworkPolicy;
  private hasWarned = false;
  private verdict?: { readonly revision: number; readonly errors: string[] };

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
    const { names, rules, argoCdSyncWave } = this.declaration;
    this.cluster = this.declaration.cluster;
    this.name = names.router;
    this.namespace = names.namespace;
    this.mode = this.declaration.ownMode;
    this.metadata = withSyncWave(this.declaration.metadata, argoCdSyncWave);

    if (this.declaration.isOperator) this.operator = OperatorObjects._make(this, this.declaration, this.metadata);
    else this.standalone = StandaloneObjects._make(this, this.declaration, this.metadata);
    this.routerService = new RouterService(this, names, this.metadata, this.declaration.service, (port) => {
      this.declaration.addPort(port);
      this.registry.forget();
    });
    this.service = this.routerService.service;
    for (const rule of rules) this.routerService.bindRule(rule);
    if (this.declaration.allowFrom !== undefined) this.createPolicy();

    this.registry = ClusterRegistry.of(this, this.cluster);
    const router = this;
    this.registry.add({
      get claimant() {
        return router.claimant();
      },
      get warnings() {
        if (!isInTree(router)) return [];
        return router.warnings.map((warning) => `[${router.node.path}] ${warning}`);
      },
    });
    this.node.addValidation({ validate: () => this.validateRouter() });
    keepPatches(this);
  }

  /** The NetworkPolicy that admits the peers of `allowFrom`; undefined while every pod is admitted. */
  public get networkPolicy(): kplus.NetworkPolicy | undefined {
    return this.routerPolicy?.networkPolicy;
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
    return this.declaration.warnings;
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
   * Admits a peer to the router's ports. Without `allowFrom`, every pod may connect; the first call makes the
   * NetworkPolicy, and from then on only listed peers may connect.
   *
   * @param peer such as Pods, Namespaces, a Deployment or an IP block
   */
  public allowFrom(peer: kplus.INetworkPolicyPeer): void {
    const admitted = this.declaration.admit(peer);
    if (this.routerPolicy === undefined) this.createPolicy();
    else if (admitted !== undefined) this.routerPolicy.addPeer(admitted);
    this.registry.forget();
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

  private createPolicy(): void {
    const { names, hasFallback, healthPort, monitoring, allowFrom } = this.declaration;
    const admission = { peers: allowFrom ?? [], hasFallback, healthPort };
    this.routerPolicy = new RouterNetworkPolicy(this, names, this.metadata, admission);
    this.routerPolicy.admitScrapers(monitoring?.from ?? []);
    keepPatches(this.routerPolicy.networkPolicy);
  }

  private claimant(): Claimant | undefined {
    if (!isInTree(this)) return undefined;
    const spec = this.declaration.identified;
    return (
      spec && {
        path: this.node.path,
        spec,
        objects: declaredObjects(this.declaration),
        pathOf: (prop) => this.declaration.fields.pathOf(prop),
        reservations: this.declaration.reservations,
      }
    );
  }

  /**
   * cdk8s asks once for each chart of the app, and always before it renders: what depends on all rules is settled here.
   */
  private validateRouter(): string[] {
    const { revision } = this.registry;
    if (this.verdict?.revision !== revision) this.verdict = { revision, errors: this.validateNow() };
    return this.verdict.errors;
  }

  private validateNow(): string[] {
    this.routerService.useFamilies(this.declaration.servedFamilies);
    this.routerPolicy?.admit(this.declaration.rules);
    const issues: Issue[] = [
      ...this.declaration.issues,
      ...this.registry.clusterIssues(this, this.cluster),
      ...this.registry.issuesOf(this.node.path),
      ...podSecurityIssues(this.declaration, this.registry),
      ...this.configMapIssues(),
    ];
    return [...issues.map((issue) => issueText(this.declaration.fields.issueOf(issue))), ...this.reportWarnings()];
  }

  /** Prints the warnings, once; returns them where they are errors. */
  private reportWarnings(): string[] {
    const { warnings, registry } = this;
    if (registry.warningsAreErrors) return asErrors([...warnings, ...registry.warningsFor(this.node.path)]);
    if (!this.hasWarned) for (const warning of warnings) warn(`[${this.node.path}] ${warning}`);
    this.hasWarned = true;
    return [];
  }

  private configMapIssues(): Issue[] {
    const { issues } = this.declaration;
    return this.standalone?.configMap === undefined || issues.length > 0
      ? []
      : configMapIssues(standaloneNetworkConfig(this.declaration));
  }
}
