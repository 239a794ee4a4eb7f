import type { ApiObjectMetadata } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-28';
import { Field } from '../config/decoder';
import type { Family } from '../config/ip-address';
import { ConfigError, type Issue } from '../config/issue';
import { applyWarnings } from '../config/object-limits';
import { operatorWarnings, refuseBeyondOperator } from '../config/operator-limits';
import { Provisioning, type RouterSpec, readRouterSpec } from '../config/router-spec';
import { type ContainerOptions, readContainerOptions } from './container-options';
import type { EgressRouterCluster } from './egress-router-cluster';
import { EGRESS_ROUTER_KEYS, type EgressRouterProps } from './egress-router-props';
import { type Failover, readFailover } from './failover';
import type { RedirectRule } from './redirect-rule';
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
  public readonly provisioning: Provisioning;
  public readonly metadata: ApiObjectMetadata;
  public readonly names: RouterNames;
  public readonly failover: Failover;
  public readonly scheduling: Scheduling;
  public readonly container: ContainerOptions;
  /** Who may use the router; nothing when everybody may. */
  public readonly allowFrom?: kplus.INetworkPolicyPeer[];
  public readonly image: string;
  public readonly rules: RedirectRule[];
  private readonly constructionIssues: Issue[] = [];
  private decoded: Decoded | undefined;

  public constructor(
    id: string,
    namespace: string | undefined,
    private readonly props: EgressRouterProps,
    private readonly cluster: EgressRouterCluster,
  ) {
    const field = Field.root(props, this.constructionIssues);
    this.provisioning = props.provisioning ?? cluster.provisioning;
    this.metadata = {
      ...props.metadata,
      name: props.metadata?.name ?? id,
      namespace: props.metadata?.namespace ?? namespace,
    };
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
    this.allowFrom = field.member('allowFrom').optional(readPeers);
    this.image = props.image ?? cluster.image ?? '';
    this.rules = Array.isArray(props.redirectRules) ? [...props.redirectRules] : [];
  }

  public addRule(rule: RedirectRule): void {
    this.rules.push(rule);
    this.decoded = undefined;
  }

  public get issues(): readonly Issue[] {
    return this.decode().issues;
  }

  /** The decoded router, or nothing when something about it is wrong. */
  public get valid(): RouterSpec | undefined {
    const { spec, issues } = this.decode();
    return issues.length === 0 ? spec : undefined;
  }

  /** Families of the reserved addresses that could be read. They are fixed from the start: only rules are added. */
  public get reservedFamilies(): Family[] {
    return this.decode().spec?.addresses.map(({ cidr }) => cidr.address.family) ?? [];
  }

  public get hasFallback(): boolean {
    // Null, as YAML has it, is nothing.
    return (this.props.fallbackIp ?? undefined) !== undefined;
  }

  /** The objects that the router makes or has made for it, as `Kind/name`: each name can be taken once. */
  public get objects(): string[] {
    const { names, provisioning } = this;
    const made = [`Service/${names.service}`];
    made.push(`NetworkAttachmentDefinition/${names.networkAttachmentDefinition}`, `Deployment/${names.deployment}`);
    if (provisioning === Provisioning.OPERATOR) made.push(`EgressRouter/${names.router}`);
    if (this.allowFrom !== undefined) made.push(`NetworkPolicy/${names.router}`);
    if (this.failover.blockDrain) made.push(`PodDisruptionBudget/${names.router}`);
    return made;
  }

  /** @throws ConfigError when something about the router is wrong */
  public get spec(): RouterSpec {
    const spec = this.valid;
    if (spec === undefined) throw new ConfigError(this.issues);
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
    refuseUnknownKeys(given);
    // A router may have been declared without rules, or with something that is no list.
    const hasRules = this.props.redirectRules === undefined || Array.isArray(this.props.redirectRules);
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
    else if (typeof this.image !== 'string' || this.image === '') {
      given.member('image').refuse('is missing', "the router's image, here or in the EgressRouterCluster");
    }
    const metadata = field.member('metadata');
    metadata.isObjectOf(['name', 'namespace', 'labels', 'annotations']);
    given.member('argoCdSyncWave').optional((wave) => wave.integer(-1000, 1000, 'a sync wave'));
    return { spec: readRouterSpec(field, { hasService: true }), issues };
  }

  private refuseOtherPlatform(given: Field): void {
    const platform = given.member('platform');
    if (!platform.isPresent || this.cluster.platform === undefined || platform.value === this.cluster.platform) return;
    platform.refuse(`is not the platform of cluster "${this.cluster.name}"`, `${this.cluster.platform}, or nothing`);
  }
}

function readPeers(list: Field): kplus.INetworkPolicyPeer[] {
  const accepted = 'a list of cdk8s-plus peers, such as Pods, Namespaces, a Deployment or an IP block';
  return list.elements(accepted).flatMap((peer) => {
    const value = peer.value as Partial<kplus.INetworkPolicyPeer> | undefined | null;
    if (typeof value?.toNetworkPolicyPeerConfig === 'function') return [value as kplus.INetworkPolicyPeer];
    return peer.refuse('is not of that type', accepted) ?? [];
  });
}

/** Rules can be replaced without a restart in a later release; until then the name is refused for what it is. */
function refuseUnknownKeys(given: Field): void {
  const { liveRules, ...others } = given.value as Record<string, unknown>;
  if (liveRules !== undefined) {
    given
      .member('liveRules')
      .refuse(
        'asks for rules that change in a running router, which this release cannot do and an EgressRouter resource cannot express',
        'nothing: a changed rule restarts the router',
      );
  }
  given.withValue(others).isObjectOf(EGRESS_ROUTER_KEYS);
}
