import type { ApiObjectMetadata } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import { withoutUndefined } from '../domain/input/collections';
import { Field } from '../domain/input/decoder';
import { ConfigError, type Issue } from '../domain/input/issue';
import { checkClusterIps } from '../domain/router/cluster-network';
import { clusterNetworkIssues } from '../domain/router/cluster-network-issues';
import { applyWarnings } from '../domain/router/object-limits';
import { operatorWarnings, refuseBeyondOperator } from '../domain/router/operator-limits';
import { DEFAULT_HEALTH_PORT } from '../domain/router/router-options';
import { RouterModeKind, type RouterSpec, readRouterSpec } from '../domain/router/router-spec';
import { checkObjectMetadata } from '../domain/values/object-metadata';
import type { EgressRouterServiceOptions } from './clients/egress-router-service-options';
import { hostPorts, type ListeningPort, serviceFamilies } from './clients/listening-ports';
import { readPeer, readPeers } from './clients/network-policy-peers';
import { checkFamily, serviceReservations } from './clients/service-reservations';
import type { EgressRouterCluster } from './cluster/egress-router-cluster';
import { type EgressRouterNetwork, readNetwork, readOwnCluster } from './cluster/egress-router-network';
import { completeMetadata, nameField } from './declared-metadata';
import { checkModeKeys, type EffectiveMode, effectiveMode, readMode } from './effective-mode';
import type { EgressRouterAddress } from './egress-router-address';
import type { EgressRouterHost } from './egress-router-host';
import { type EgressRouterProps, refuseUnknownProps } from './egress-router-props';
import { toAscii } from './hosts/host-text';
import { type CustomResourceFields, fieldsOf } from './operator/custom-resource-fields';
import type { RedirectRule } from './redirect-rule';
import type { RouterMode } from './router-mode';
import { type RouterNames, routerNames } from './router-names';
import { readConnectionDurations as readTimeouts } from './standalone/connection-timeouts';
import { type ContainerOptions, readContainerOptions, readImage } from './standalone/container-options';
import { type Failover, readFailover } from './standalone/failover';
import { type Monitoring, readMonitoring } from './standalone/monitoring';
import { type RouterFeatures, readFeatures } from './standalone/router-features';
import { readScheduling, type Scheduling } from './standalone/scheduling';
import { standaloneWarnings } from './standalone/standalone-warnings';
import { readSyncWave } from './sync-wave';

interface Decoded {
  readonly spec: RouterSpec | undefined;
  readonly issues: readonly Issue[];
}

/** Where a router is declared. */
export interface DeclarationPlace {
  /** Path of the construct. */
  readonly path: string;
  readonly id: string;
  /** Namespace of its chart. */
  readonly namespace?: string;
  /** Whether a class of the user's extends EgressRouter: its props may have members of their own. */
  readonly isSubclass: boolean;
}

/**
 * What a router was declared to be: its props, its cluster's and its network's settings, and the rules added since.
 * Decoded when it is asked for, and again after a rule was added.
 *
 * What decides which objects there are (names, mode) is taken at once and as it is: construction goes on with
 * a wrong value, so that one synth shows every mistake of every router.
 */
export class RouterDeclaration {
  public readonly cluster: EgressRouterCluster;
  public readonly network?: EgressRouterNetwork;
  /** The router's mode, with each option from the router, its network or its cluster. */
  public readonly mode: EffectiveMode;
  /** The mode as the router says it, or else its cluster. */
  public readonly ownMode: RouterMode;
  public readonly metadata: ApiObjectMetadata;
  public readonly argoCdSyncWave?: number;
  public readonly names: RouterNames;
  public readonly failover: Failover;
  public readonly scheduling: Scheduling;
  public readonly container: ContainerOptions;
  public readonly features: RouterFeatures;
  /** Undefined where nothing is to be monitored. */
  public readonly monitoring?: Monitoring;
  /** Peers that may use the router; undefined when every pod may. */
  public allowFrom?: kplus.INetworkPolicyPeer[];
  public readonly image: string;
  public readonly healthPort: number;
  public readonly rules: RedirectRule[];
  /** Ports that the user has bound to the Service, beside those of the options. */
  private readonly boundPorts: kplus.ServicePort[] = [];
  public readonly hosts: EgressRouterHost[];
  private readonly props: EgressRouterProps;
  /** Where the props are in what the user wrote: in a custom resource, if the router was imported from one. */
  public readonly fields: CustomResourceFields;
  private readonly constructionIssues: Issue[] = [];
  private decoded: Decoded | undefined;

  public constructor(
    private readonly place: DeclarationPlace,
    props: EgressRouterProps | null | undefined,
  ) {
    this.fields = fieldsOf(props);
    this.constructionIssues.push(...this.fields.issues);
    const field = this.rootField(props ?? undefined, this.constructionIssues);
    this.props = field.isObject('the props of a router') ? (props as EgressRouterProps) : ({} as EgressRouterProps);
    this.network = field.member('network').optional(readNetwork);
    this.cluster = readOwnCluster(field.member('cluster'), this.network);
    this.ownMode = this.readOwnMode(field.member('mode'));
    this.mode = effectiveMode(this.ownMode, this.cluster.mode, this.network?.parentInterface);
    this.metadata = completeMetadata(field.member('metadata'), place.id, place.namespace);
    this.argoCdSyncWave = field.member('argoCdSyncWave').optional(readSyncWave) ?? this.cluster.argoCdSyncWave;
    this.names = routerNames({
      name: String(this.metadata.name),
      namespace: this.metadata.namespace,
      serviceName: this.service.name,
      mode: this.mode.kind,
      operatorNames: this.mode.operatorNames === true,
    });
    const mode = field.member('mode').withValue(this.mode);
    this.failover = readFailover(mode.member('failover'));
    this.scheduling = readScheduling(mode.member('scheduling'));
    this.container = readContainerOptions(mode);
    this.features = readFeatures(mode);
    const labels = Object.keys(this.names.labels);
    this.monitoring = readMonitoring(mode.member('monitoring'), labels, this.metadata.namespace);
    this.image = this.isOperator ? '' : readImage(mode.member('image'));
    this.healthPort = typeof this.mode.healthPort === 'number' ? this.mode.healthPort : DEFAULT_HEALTH_PORT;
    this.allowFrom = field.member('allowFrom').optional((list) => readPeers(list, this.metadata.namespace));
    this.rules = Array.isArray(this.props.redirectRules) ? [...this.props.redirectRules] : [];
    this.hosts = Array.isArray(this.props.hosts) ? [...this.props.hosts] : [];
  }

  public get isOperator(): boolean {
    return this.mode.kind === RouterModeKind.OPERATOR;
  }

  public addRule(rule: RedirectRule): void {
    this.rules.push(rule);
    this.decoded = undefined;
  }

  public addPort(port: kplus.ServicePort): void {
    this.boundPorts.push(port);
    this.decoded = undefined;
  }

  public addHost(host: EgressRouterHost): void {
    this.hosts.push(host);
    this.decoded = undefined;
  }

  /** The ports of the router that clients are admitted to: those of rules and of hosts. */
  public get listeningPorts(): ListeningPort[] {
    return [...this.rules, ...hostPorts(this.identified)];
  }

  /** The ports of the router's own Service: those of rules, and of hosts where there are no rules. */
  public get servicePorts(): ListeningPort[] {
    return this.rules.length > 0 || this.hasFallback ? this.rules : hostPorts(this.identified);
  }

  /** Admits one more peer, unless it is refused. */
  public admit(peer: kplus.INetworkPolicyPeer): kplus.INetworkPolicyPeer | undefined {
    const before = this.allowFrom ?? [];
    const allowFrom = [...before, peer];
    const list = Field.root({ allowFrom }, this.constructionIssues).member('allowFrom');
    const admitted = readPeer(list.elements('')[before.length]!, this.metadata.namespace);
    this.allowFrom = admitted === undefined ? before : allowFrom;
    this.decoded = undefined;
    return admitted;
  }

  /** Options of the Service; none where they are not an object, which is refused. */
  public get service(): EgressRouterServiceOptions {
    const { service } = this.props;
    return typeof service === 'object' && service !== null ? service : {};
  }

  /** The reserved addresses in canonical text; a wrong one as it was given. */
  public get addresses(): EgressRouterAddress[] {
    const { spec } = this.decode();
    if (spec !== undefined) {
      return spec.addresses.map(({ cidr, gateway }) => withoutUndefined({ ip: cidr.text, gateway: gateway?.text }));
    }
    return Array.isArray(this.props.addresses) ? [...this.props.addresses] : [];
  }

  public get issues(): readonly Issue[] {
    return this.decode().issues;
  }

  /**
   * The router as far as it could be decoded: its name and addresses are right, whatever else is wrong. Enough to find
   * its conflicts with others.
   */
  public get identified(): RouterSpec | undefined {
    return this.decode().spec;
  }

  /** The decoded router, or nothing when something about it is wrong. */
  private get valid(): RouterSpec | undefined {
    const { spec, issues } = this.decode();
    return issues.length === 0 ? spec : undefined;
  }

  /**
   * Whether a fallback listens on every port. The operator's plugin does not read it; null, as YAML has it, says
   * nothing.
   */
  public get hasFallback(): boolean {
    return this.props.fallbackIp != null && !this.isOperator;
  }

  /** What the Service takes of the whole cluster. */
  public get reservations(): string[] {
    return serviceReservations(this.service, this.boundPorts);
  }

  /** @throws ConfigError when something about the router is wrong */
  public get spec(): RouterSpec {
    const spec = this.valid;
    if (spec === undefined) throw new ConfigError(this.issues, this.place.path);
    return spec;
  }

  public get warnings(): string[] {
    const spec = this.valid;
    if (spec === undefined) return [];
    const admitsNoPeer = this.allowFrom?.length === 0;
    return [
      ...(this.isOperator ? operatorWarnings(spec) : standaloneWarnings(spec, this.names)),
      ...applyWarnings(spec.rules),
      ...(admitsNoPeer ? ['allowFrom: [] admits no client: the NetworkPolicy rejects every connection'] : []),
    ].map((warning) => this.fields.warningOf(warning));
  }

  private readOwnMode(field: Field): RouterMode {
    const own = field.optional(readMode);
    if (own !== undefined) checkModeKeys(field, own);
    return own ?? this.cluster.mode;
  }

  private decode(): Decoded {
    this.decoded ??= this.decodeNow();
    return this.decoded;
  }

  private decodeNow(): Decoded {
    const issues = [...this.constructionIssues];
    const given = this.rootField(this.props, issues);
    const addresses = this.completeAddresses(given.member('addresses'));
    const hasRefusedAddress = issues.length > this.constructionIssues.length;
    refuseUnknownProps(given, this.place.isSubclass);
    // A router may have been declared without rules, or with a value that is not a list.
    const hasRules = this.props.redirectRules == null || Array.isArray(this.props.redirectRules);
    const declared = {
      ...this.props,
      metadata: this.metadata,
      addresses,
      redirectRules: hasRules ? this.rules : this.props.redirectRules,
      hosts: this.props.hosts == null || Array.isArray(this.props.hosts) ? this.hosts : this.props.hosts,
      mode: this.mode,
      platform: this.cluster.platform,
    };
    const field = this.rootField(declared, issues);
    const needsRules = !this.isPasted && this.fields.hasRedirect;
    if (this.isOperator) refuseBeyondOperator(field, needsRules);
    checkObjectMetadata(field.member('metadata'), Object.keys(this.names.labels));
    this.checkScrapers(field.member('mode').member('monitoring').member('from'));
    const name = nameField(given.member('metadata'), this.place.id, issues);
    const boundPorts = this.boundPorts.map((port) => Field.root(port, issues, `service.bind(${port.port})`));
    const networks = this.cluster._networks ?? [];
    const reading = { boundPorts, hasRefusedAddress, needsRules, readTimeouts, toAscii, networks };
    const spec = readRouterSpec(field, { name, hasService: true, ...reading });
    const clusterIp = given.member('service').member('clusterIp');
    if (spec !== undefined) {
      checkFamily(clusterIp, serviceFamilies(spec, this.hasFallback));
      issues.push(...clusterNetworkIssues(spec, networks));
    }
    checkClusterIps(field, networks);
    return { spec, issues: issues.map((issue) => this.fields.issueOf(issue)) };
  }

  private rootField(value: unknown, issues: Issue[]): Field {
    return Field.root(value, issues, '', (path) => this.fields.pathOf(path));
  }

  /**
   * Whether the props have the custom resource's `redirect`, whose members belong one level higher. Its issue says so.
   */
  private get isPasted(): boolean {
    return (this.props as unknown as Record<string, unknown>).redirect !== undefined;
  }

  private completeAddresses(list: Field): unknown {
    const { network } = this;
    if (network === undefined || !Array.isArray(list.value)) return list.value;
    return list.elements('').map((address) => network._complete(address));
  }

  private checkScrapers(from: Field): void {
    // The cluster's is for routers that have a NetworkPolicy.
    const own = this.ownMode === this.cluster.mode ? undefined : this.ownMode.standaloneOptions?.monitoring?.from;
    if (!from.isPresent || own == null || this.allowFrom !== undefined) return;
    from.refuse('has no NetworkPolicy to be in: every pod is admitted', 'nothing, or allowFrom beside it');
  }
}
