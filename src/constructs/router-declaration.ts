import type { ApiObjectMetadata } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import { Field } from '../domain/input/decoder';
import { ConfigError, type Issue } from '../domain/input/issue';
import { applyWarnings } from '../domain/router/object-limits';
import { operatorWarnings, refuseBeyondOperator } from '../domain/router/operator-limits';
import { DEFAULT_HEALTH_PORT } from '../domain/router/router-options';
import { Provisioning, type RouterSpec, readRouterSpec } from '../domain/router/router-spec';
import type { Family } from '../domain/values/ip-address';
import { checkObjectMetadata } from '../domain/values/object-metadata';
import { type ContainerOptions, readContainerOptions, readImage } from './container-options';
import { completeMetadata, nameField } from './declared-metadata';
import { type EgressRouterCluster, readCluster } from './egress-router-cluster';
import { EGRESS_ROUTER_KEYS, type EgressRouterProps } from './egress-router-props';
import { type Failover, readFailover } from './failover';
import { type Monitoring, readMonitoring } from './monitoring';
import { readPeers } from './network-policy-peers';
import type { RedirectRule } from './redirect-rule';
import { type RouterFeatures, readFeatures } from './router-features';
import { type RouterNames, routerNames } from './router-names';
import { readScheduling, type Scheduling } from './scheduling';

interface Decoded {
  readonly spec: RouterSpec | undefined;
  readonly issues: readonly Issue[];
}

/**
 * What a router was declared to be: its props, its cluster's settings, and the rules added since. Decoded when
 * somebody asks, and again after a rule was added.
 *
 * What decides which objects there are (names, provisioning) is taken at once and as it is: construction goes on with
 * a wrong value, so that one synth shows every mistake of every router.
 */
export class RouterDeclaration {
  public readonly cluster: EgressRouterCluster;
  public readonly provisioning: Provisioning;
  public readonly metadata: ApiObjectMetadata;
  public readonly names: RouterNames;
  public readonly failover: Failover;
  public readonly scheduling: Scheduling;
  public readonly container: ContainerOptions;
  public readonly features: RouterFeatures;
  /** Nothing when nobody asked for it. */
  public readonly monitoring?: Monitoring;
  /** Who may use the router; nothing when everybody may. */
  public readonly allowFrom?: kplus.INetworkPolicyPeer[];
  public readonly image: string;
  public readonly healthPort: number;
  public readonly rules: RedirectRule[];
  private readonly constructionIssues: Issue[] = [];
  private decoded: Decoded | undefined;
  private known: RouterSpec | undefined;

  public constructor(
    private readonly path: string,
    private readonly id: string,
    namespace: string | undefined,
    private readonly props: EgressRouterProps,
  ) {
    const field = Field.root(props, this.constructionIssues);
    this.cluster = readCluster(field.member('cluster'));
    this.provisioning = props.provisioning ?? this.cluster.provisioning;
    this.metadata = completeMetadata(field.member('metadata'), id, namespace);
    this.names = routerNames({
      name: String(this.metadata.name),
      namespace: this.metadata.namespace,
      serviceName: props.service?.name,
      provisioning: this.provisioning,
      operatorNames: props.operatorNames === true,
    });
    this.failover = readFailover(field.member('failover'));
    this.scheduling = readScheduling(field.member('scheduling'));
    this.container = readContainerOptions(field);
    this.features = readFeatures(field);
    this.allowFrom = field.member('allowFrom').optional(readPeers);
    this.monitoring = readMonitoring(field.member('monitoring'), {
      reserved: Object.keys(this.names.labels),
      hasPolicy: this.allowFrom !== undefined,
    });
    // Operator mode refuses it, whatever it is.
    const isOperator = this.provisioning === Provisioning.OPERATOR;
    this.image = isOperator ? '' : readImage(field.member('image'), this.cluster.image);
    this.healthPort = props.healthPort ?? DEFAULT_HEALTH_PORT;
    this.rules = Array.isArray(props.redirectRules) ? [...props.redirectRules] : [];
  }

  public addRule(rule: RedirectRule): void {
    this.rules.push(rule);
    this.decoded = undefined;
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

  /** Families of the destinations, IPv4 first: where clients find a rule that listens. */
  public get servedFamilies(): Family[] {
    const { spec } = this.decode();
    if (spec === undefined) return [];
    const destinations = spec.rules.map(({ destination }) => destination);
    if (spec.fallback !== undefined && this.hasFallback) destinations.push(spec.fallback);
    return [...new Set(destinations.map(({ family }) => family))].sort();
  }

  /** Whether a fallback listens on every port. The operator's plugin does not read it; null, as YAML has it, is none. */
  public get hasFallback(): boolean {
    return this.props.fallbackIp != null && this.provisioning !== Provisioning.OPERATOR;
  }

  /** The objects that the router makes or has made for it, as `Kind/name`: each name can be taken once. */
  public get objects(): string[] {
    const { names, provisioning, monitoring } = this;
    const made = [`Service/${names.service}`];
    made.push(`NetworkAttachmentDefinition/${names.networkAttachmentDefinition}`, `Deployment/${names.deployment}`);
    if (provisioning === Provisioning.OPERATOR) made.push(`EgressRouter/${names.router}`);
    if (this.allowFrom !== undefined) made.push(`NetworkPolicy/${names.router}`);
    if (this.features.liveRules) made.push(`ConfigMap/${names.router}`);
    if (monitoring?.podMonitor) made.push(`PodMonitor/${names.router}`);
    if (monitoring?.alerts) made.push(`PrometheusRule/${names.router}`);
    if (this.failover.blockDrain) made.push(`PodDisruptionBudget/${names.router}`);
    return made;
  }

  /**
   * Addresses and MAC, which do not depend on the rules: they can be asked for before the first rule was added.
   *
   * @throws ConfigError when something else than the rules is wrong
   */
  public get identity(): RouterSpec {
    if (this.known !== undefined) return this.known;
    const { spec, issues } = this.decode();
    const others = issues.filter(({ path }) => !/^(redirectRules|fallbackIp|service)\b/.test(path));
    if (spec === undefined || others.length > 0) throw new ConfigError(issues, this.path);
    this.known = spec;
    return spec;
  }

  /** @throws ConfigError when something about the router is wrong */
  public get spec(): RouterSpec {
    const spec = this.valid;
    if (spec === undefined) throw new ConfigError(this.issues, this.path);
    return spec;
  }

  public get warnings(): string[] {
    const spec = this.valid;
    if (spec === undefined) return [];
    return [
      ...(this.provisioning === Provisioning.OPERATOR ? operatorWarnings(spec) : []),
      ...applyWarnings(spec.rules),
    ];
  }

  private decode(): Decoded {
    this.decoded ??= this.decodeNow();
    return this.decoded;
  }

  private decodeNow(): Decoded {
    const issues = [...this.constructionIssues];
    const given = Field.root(this.props, issues);
    given.isObjectOf(EGRESS_ROUTER_KEYS);
    // A router may have been declared without rules, or with something that is no list.
    const hasRules = this.props.redirectRules == null || Array.isArray(this.props.redirectRules);
    const declared = {
      ...this.props,
      metadata: this.metadata,
      redirectRules: hasRules ? this.rules : this.props.redirectRules,
      provisioning: this.provisioning,
      platform: this.props.platform ?? this.cluster.platform,
      pluginName: this.props.pluginName ?? this.cluster.pluginName,
    };
    const field = Field.root(declared, issues);
    this.refuseOtherPlatform(given);
    if (this.provisioning === Provisioning.OPERATOR) refuseBeyondOperator(given);
    checkObjectMetadata(field.member('metadata'), Object.keys(this.names.labels));
    given.member('argoCdSyncWave').optional((wave) => wave.integer(-1000, 1000, 'a sync wave'));
    const name = nameField(given.member('metadata'), this.id, issues);
    return { spec: readRouterSpec(field, { name, hasService: true }), issues };
  }

  private refuseOtherPlatform(given: Field): void {
    const platform = given.member('platform');
    if (!platform.isPresent || this.cluster.platform === undefined || platform.value === this.cluster.platform) return;
    platform.refuse(`is not the platform of cluster "${this.cluster.name}"`, `${this.cluster.platform}, or nothing`);
  }
}
