import type { IConstruct } from 'constructs';
import { type Claimant, type Conflicts, findConflicts } from '../config/conflicts';
import { Field } from '../config/decoder';
import { ConfigError, type Issue } from '../config/issue';
import { DEFAULT_MAC_BUDGET, type Platform, readPlatform } from '../config/platform';
import { readPluginName } from '../config/plugin-name';
import { Provisioning } from '../config/router-spec';

/** Properties for `EgressRouterCluster`. */
export interface EgressRouterClusterProps {
  /**
   * Where the cluster's nodes run. A platform that cannot carry a second MAC address is refused, with the reason.
   *
   * @default - not checked
   */
  readonly platform?: Platform;

  /**
   * Who makes the objects that run the cluster's routers.
   *
   * @default Provisioning.OPERATOR
   */
  readonly provisioning?: Provisioning;

  /**
   * Name of the CNI plugin that runs standalone routers: the file's name on the nodes. On OKD and OpenShift it must
   * not be `egress-router`, which the operator puts there itself.
   *
   * @default "egress-router"
   */
  readonly pluginName?: string;

  /**
   * Image of standalone routers.
   *
   * @default - every standalone router names its own
   */
  readonly image?: string;

  /**
   * MAC addresses that one parent interface is to carry. A node's network card filters that many in hardware;
   * beyond it falls back to software, or drops some.
   *
   * @default 64
   * @see https://gitlab.com/qemu-project/qemu/-/blob/master/include/hw/virtio/virtio-net.h
   */
  readonly macBudget?: number;

  /**
   * Whether more routers than the budget are an error rather than a warning.
   *
   * @default false
   */
  readonly enforceMacBudget?: boolean;
}

/**
 * One cluster: what its routers have in common, and within which their addresses, MACs and names are unique. An app
 * that holds routers of several clusters has one of these for each.
 *
 * It is a plain value. The same name in one app means the same cluster.
 */
export class EgressRouterCluster {
  /** Name of the cluster, for messages. */
  public readonly name: string;
  /** Where the nodes run, if that is known. */
  public readonly platform?: Platform;
  /** Who makes the objects that run the routers. */
  public readonly provisioning: Provisioning;
  /** Name of the CNI plugin of standalone routers, unless a router says otherwise. */
  public readonly pluginName?: string;
  /** Image of standalone routers, unless a router says otherwise. */
  public readonly image?: string;
  /** MAC addresses that one parent interface is to carry. */
  public readonly macBudget: number;
  /** Whether more routers than the budget are an error. */
  public readonly enforceMacBudget: boolean;

  /**
   * @param name name of the cluster, for messages
   * @param props what the routers have in common
   * @throws an error that names every field that is wrong, its value and what is accepted
   */
  public constructor(name: string, props: EgressRouterClusterProps = {}) {
    const issues: Issue[] = [];
    const root = Field.root(props, issues);
    root.isObjectOf(['platform', 'provisioning', 'pluginName', 'image', 'macBudget', 'enforceMacBudget']);
    if (typeof name !== 'string' || name === '') {
      issues.push({
        path: 'name',
        value: name,
        problem: 'is no name',
        accepted: 'a name for the cluster, for messages',
      });
    }
    this.name = name;
    this.platform = root.member('platform').optional(readPlatform);
    this.provisioning =
      root.member('provisioning').optional((field) => field.word(Object.values(Provisioning))) ?? Provisioning.OPERATOR;
    this.pluginName = root.member('pluginName').optional(readPluginName);
    this.image = root.member('image').optional((field) => field.text('the name of an image'));
    this.macBudget =
      root.member('macBudget').optional((field) => field.integer(1, 65536, 'a number of MAC addresses')) ??
      DEFAULT_MAC_BUDGET;
    this.enforceMacBudget = root.member('enforceMacBudget').optional((field) => field.flag()) ?? false;
    if (issues.length > 0) throw new ConfigError(issues, `cluster "${name}"`);
  }
}

/** Whether a value is a cluster, of this copy of the library or of another. */
export function isCluster(value: unknown): value is EgressRouterCluster {
  const cluster = value as Partial<EgressRouterCluster> | undefined | null;
  return (
    typeof cluster?.name === 'string' && typeof cluster.macBudget === 'number' && cluster.provisioning !== undefined
  );
}

/**
 * Where an app keeps its registries. A global symbol, because a platform library may bring a copy of this library of
 * its own, and its routers are in conflict with the app's all the same.
 */
const REGISTRIES = Symbol.for('cdk8s-egress-router.registries');
type WithRegistries = IConstruct & { [REGISTRIES]?: Map<string, ClusterRegistry> };

/** A router that has not been decoded yet, or cannot be: rules may still be added to it. */
export interface Member {
  readonly claimant: Claimant | undefined;
}

/**
 * The routers of one cluster within one app. Its answer is kept until something changes: cdk8s validates the whole
 * app once for every chart.
 */
export class ClusterRegistry {
  private readonly members: Member[] = [];
  private conflicts: Conflicts | undefined;
  private changes = 0;

  private constructor(
    private readonly cluster: EgressRouterCluster,
    /** The registries of the app, this one included. */
    private readonly others: ReadonlyMap<string, ClusterRegistry>,
  ) {}

  /**
   * The registry of the cluster of this name in the app of `scope`.
   */
  public static of(scope: IConstruct, cluster: EgressRouterCluster): ClusterRegistry {
    const root = scope.node.root as WithRegistries;
    root[REGISTRIES] ??= new Map();
    const known = root[REGISTRIES].get(cluster.name) ?? new ClusterRegistry(cluster, root[REGISTRIES]);
    root[REGISTRIES].set(cluster.name, known);
    return known;
  }

  public add(member: Member): void {
    this.members.push(member);
    this.forget();
  }

  /** To be called when a member changed. */
  public forget(): void {
    this.conflicts = undefined;
    this.changes++;
  }

  /** Another number after each change: an answer is good for as long as it stays. */
  public get revision(): number {
    return this.changes;
  }

  /** Routers that name no cluster are compared with each other, and with no others. */
  private unnamedWarnings(): string[] {
    if (this.cluster.name !== DEFAULT_CLUSTER.name || this.others.size < 2) return [];
    const names = [...this.others.keys()].filter((name) => name !== this.cluster.name).join(', ');
    return [
      `some routers (${this.members.length}) name no cluster and others name ${names}: conflicts between them are not seen; name the cluster in all`,
    ];
  }

  /** The issue that a cluster has this name and other settings, if it has. */
  public differenceTo(cluster: EgressRouterCluster): Issue | undefined {
    const different = differentSetting(this.cluster, cluster);
    if (different === undefined) return undefined;
    return {
      path: 'cluster.name',
      value: cluster.name,
      problem: `is the name of another cluster in this app, with another ${different}`,
      accepted: 'one EgressRouterCluster for a cluster',
    };
  }

  /** Issues of the router at this path with others of its cluster. Warnings are printed when they are first found. */
  public issuesOf(path: string): readonly Issue[] {
    if (this.conflicts === undefined) {
      const claimants = this.members.flatMap(({ claimant }) => claimant ?? []);
      const { macBudget: addresses, enforceMacBudget: isLimit, name } = this.cluster;
      this.conflicts = findConflicts(`cluster "${name}"`, claimants, { addresses, isLimit });
      for (const warning of [...this.conflicts.warnings, ...this.unnamedWarnings()]) warn(warning);
    }
    return this.conflicts.issues.get(path) ?? [];
  }
}

function differentSetting(one: EgressRouterCluster, other: EgressRouterCluster): string | undefined {
  const settings = { ...one, ...other };
  return (Object.keys(settings) as (keyof EgressRouterCluster)[]).find((key) => one[key] !== other[key]);
}

/** The cluster of routers that name none. */
export const DEFAULT_CLUSTER = new EgressRouterCluster('default');

/** Standard error, because a synthesized manifest may be going to standard output. */
export function warn(text: string): void {
  console.error(`[warning] ${text}`);
}
