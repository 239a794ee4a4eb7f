import { ApiObject, type ApiObjectMetadata, Chart, Lazy } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import { Construct, type IConstruct } from 'constructs';
import { type Issue, issueText } from '../domain/input/issue';
import type { Claimant } from '../domain/router/conflicts';
import { encodeNetworkConfig } from '../domain/router/network-config';
import { packetPaths } from '../domain/router/packet-path';
import { Provisioning } from '../domain/router/router-spec';
import { ClusterRegistry, warn } from './cluster-registry';
import type { EgressRouterAddress } from './egress-router-address';
import type { EgressRouterCluster } from './egress-router-cluster';
import type { EgressRouterProps } from './egress-router-props';
import { EGRESS_ROUTER_TYPE, resourceSpec } from './egress-router-resource';
import { NetworkAttachmentDefinition } from './network-attachment-definition';
import { podSecurityIssues } from './pod-security';
import type { RedirectRule } from './redirect-rule';
import { configMapIssues, routerConfigMap } from './router-config-map';
import { RouterDeclaration } from './router-declaration';
import { drainBlocker, routerDeployment } from './router-deployment';
import { podMonitor, prometheusRule } from './router-monitoring';
import { objectMetadata, type RouterNames } from './router-names';
import { standaloneNetworkConfig } from './router-network-config';
import { RouterNetworkPolicy } from './router-network-policy';
import { RouterService } from './router-service';

/**
 * An egress router: clients in the cluster connect to its Service, and their connections leave the cluster from one
 * reserved IP address, with a MAC address of its own, to the destinations of its rules.
 *
 * In operator mode it makes an `EgressRouter` resource and a Service; in standalone mode a
 * NetworkAttachmentDefinition, a Deployment and a Service, and whatever else options ask for. Everything that is wrong
 * with a router is reported when the app is synthesized, together with everything that is wrong with the others.
 *
 * @see https://docs.openshift.com/container-platform/latest/networking/ovn_kubernetes_network_provider/using-an-egress-router-ovn.html
 */
export class EgressRouter extends Construct {
  /** Name of the router and, unless it was given another, of its Service. */
  public readonly name: string;

  /** Namespace of the router's objects, if the declaration says it. */
  public readonly namespace?: string;

  /** Who makes the objects that run the router. */
  public readonly provisioning: Provisioning;

  /** The cluster that the router belongs to. */
  public readonly cluster: EgressRouterCluster;

  /** The Service through which clients reach the router. */
  public readonly service: kplus.Service;

  /** The NetworkPolicy that admits the peers of `allowFrom`; none when everybody is admitted. */
  public readonly networkPolicy?: kplus.NetworkPolicy;

  /** The ConfigMap with the rules of a router with `liveRules`; none of another. */
  public readonly configMap?: kplus.ConfigMap;

  /** The PodMonitor that `monitoring` asked for, if it did. */
  public readonly podMonitor?: ApiObject;

  /** The PrometheusRule that `monitoring` asked for, if it did. */
  public readonly prometheusRule?: ApiObject;

  private readonly declaration: RouterDeclaration;
  private readonly registry: ClusterRegistry;
  private readonly routerService: RouterService;
  private readonly routerPolicy?: RouterNetworkPolicy;
  private readonly standalone?: StandaloneObjects;
  private readonly resource?: ApiObject;
  private hasWarned = false;
  private verdict?: { readonly revision: number; readonly errors: string[] };

  /**
   * @param scope the chart, or a construct in one
   * @param id name within the scope, and of the router unless `metadata.name` says otherwise
   * @param props what the router is to be
   */
  public constructor(scope: Construct, id: string, props: EgressRouterProps) {
    super(scope, id);
    this.declaration = new RouterDeclaration(this.node.path, id, Chart.of(this).namespace, props);
    const { names, provisioning, rules, allowFrom, monitoring, healthPort } = this.declaration;
    this.cluster = this.declaration.cluster;
    this.name = names.router;
    this.namespace = names.namespace;
    this.provisioning = provisioning;
    const metadata = withSyncWave(this.declaration.metadata, props.argoCdSyncWave);

    if (provisioning === Provisioning.OPERATOR) this.resource = this.createResource(names, metadata);
    else {
      this.standalone = this.createStandalone(names, metadata, props);
      this.configMap = this.standalone.configMap;
    }
    this.routerService = new RouterService(this, names, metadata, props.service ?? {});
    this.service = this.routerService.service;
    for (const rule of rules) this.routerService.bindRule(rule);
    if (allowFrom !== undefined) {
      const admission = { peers: allowFrom, hasFallback: this.declaration.hasFallback };
      this.routerPolicy = new RouterNetworkPolicy(this, names, metadata, admission);
      this.networkPolicy = this.routerPolicy.networkPolicy;
    }
    this.routerPolicy?.admitScrapers(monitoring?.from ?? [], healthPort);
    if (monitoring?.podMonitor) this.podMonitor = podMonitor(this, names, metadata, monitoring);
    if (monitoring?.alerts) this.prometheusRule = prometheusRule(this, names, metadata, monitoring);

    this.registry = ClusterRegistry.of(this, this.cluster);
    const router = this;
    this.registry.add({
      get claimant() {
        return router.claimant();
      },
    });
    this.node.addValidation({ validate: () => this.validateRouter() });
  }

  /** The reserved addresses in canonical text. @throws an error that names every field that is wrong */
  public get addresses(): EgressRouterAddress[] {
    return this.declaration.identity.addresses.map(({ cidr, gateway }) => ({ ip: cidr.text, gateway: gateway?.text }));
  }

  /** The rules, those added later included. */
  public get redirectRules(): RedirectRule[] {
    return [...this.declaration.rules];
  }

  /**
   * The MAC address with which packets leave: for allowed-address pairs, port security and firewalls.
   *
   * @throws in operator mode, where nobody knows it: the operator's plugin draws one whenever the pod starts
   */
  public get macAddress(): string {
    const { macAddress } = this.declaration.identity;
    if (macAddress !== undefined) return macAddress;
    throw new Error(
      `[${this.node.path}] macAddress: not known in operator mode, whose plugin draws one whenever the pod starts. ` +
        'Ways out: provisioning "standalone", which derives it from the reserved IP; or switching off port security for the port',
    );
  }

  /** Host name under which clients reach the router: `name.namespace.svc`, or the name alone without a namespace. */
  public get clientHost(): string {
    const { service, namespace } = this.declaration.names;
    return namespace === undefined ? service : `${service}.${namespace}.svc`;
  }

  /** The custom resource. @throws in standalone mode, which has none */
  public get customResource(): ApiObject {
    return this.resource ?? this.absent('customResource', Provisioning.OPERATOR);
  }

  /** The network that the router's pod is attached to. @throws in operator mode, where the operator makes it */
  public get networkAttachmentDefinition(): NetworkAttachmentDefinition {
    return this.standalone?.network ?? this.absent('networkAttachmentDefinition', Provisioning.STANDALONE);
  }

  /** The Deployment of the router. @throws in operator mode, where the operator makes it */
  public get deployment(): kplus.Deployment {
    return this.standalone?.deployment ?? this.absent('deployment', Provisioning.STANDALONE);
  }

  /** What deserves attention although it is accepted; printed on standard error at synth. */
  public get warnings(): string[] {
    return this.declaration.warnings;
  }

  /**
   * What will happen to packets, a line for each way through the router, for people to read.
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

  private createResource(names: RouterNames, metadata: ApiObjectMetadata): ApiObject {
    return new ApiObject(this, 'Resource', {
      ...EGRESS_ROUTER_TYPE,
      metadata: objectMetadata(names, names.router, metadata),
      spec: Lazy.any({ produce: () => resourceSpec(this.declaration.spec) }),
    });
  }

  private createStandalone(
    names: RouterNames,
    metadata: ApiObjectMetadata,
    props: EgressRouterProps,
  ): StandaloneObjects {
    const networkConfig = () => standaloneNetworkConfig(this.declaration);
    const before = withSyncWave(this.declaration.metadata, props.argoCdSyncWave, -1);
    const network = new NetworkAttachmentDefinition(this, 'Network', {
      metadata: objectMetadata(names, names.networkAttachmentDefinition, before),
      config: Lazy.any({ produce: () => encodeNetworkConfig(networkConfig()) }),
    });
    const { failover, scheduling, container, features, image, healthPort } = this.declaration;
    const configMap = features.liveRules ? routerConfigMap(this, names, before, networkConfig) : undefined;
    const process = { names, container, features, image, healthPort, networkConfig, configMap };
    const deployment = routerDeployment(this, { ...process, metadata, failover, scheduling });
    if (failover.blockDrain) drainBlocker(this, names, metadata);
    this.node.defaultChild = deployment;
    return { network, deployment, configMap };
  }

  private claimant(): Claimant | undefined {
    const spec = this.declaration.identified;
    if (!isInTree(this)) return undefined;
    return spec && { path: this.node.path, spec, objects: this.declaration.objects };
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
    if (!this.hasWarned) for (const warning of this.warnings) warn(`[${this.node.path}] ${warning}`);
    this.hasWarned = true;
    return issues.map(issueText);
  }

  private configMapIssues(): Issue[] {
    const { issues } = this.declaration;
    return this.configMap === undefined || issues.length > 0
      ? []
      : configMapIssues(standaloneNetworkConfig(this.declaration));
  }

  private absent(property: string, needed: Provisioning): never {
    const why =
      needed === Provisioning.STANDALONE ? 'the operator makes it, in the cluster' : 'standalone mode has none';
    throw new Error(`[${this.node.path}] ${property}: ${why}; accepted: a router with provisioning "${needed}"`);
  }
}

interface StandaloneObjects {
  readonly network: NetworkAttachmentDefinition;
  readonly deployment: kplus.Deployment;
  readonly configMap?: kplus.ConfigMap;
}

/** Whether neither the construct nor one around it was removed. */
function isInTree({ node }: IConstruct): boolean {
  return node.scopes.every(
    (one) => one.node.scope === undefined || one.node.scope.node.tryFindChild(one.node.id) === one,
  );
}

/** Adds Argo CD's sync wave to the annotations of an object. */
function withSyncWave(metadata: ApiObjectMetadata, wave: number | undefined, offset = 0): ApiObjectMetadata {
  if (wave == null) return metadata;
  const annotation = { 'argocd.argoproj.io/sync-wave': String(wave + offset) };
  return { ...metadata, annotations: { ...metadata.annotations, ...annotation } };
}
