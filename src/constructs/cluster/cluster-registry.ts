import { inspect } from 'node:util';
import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Issue } from '../../domain/input/issue';
import { type Claimant, type Conflicts, findConflicts } from '../../domain/router/conflicts';
import { RouterModeKind } from '../../domain/router/router-spec';
import { isInTree } from '../is-in-tree';
import { DEFAULT_CLUSTER, type EgressRouterCluster } from './egress-router-cluster';
import { fileConflicts } from './file-conflicts';
import { objectConflicts } from './object-conflicts';
import { type StrictNamespace, strictNamespaces } from './pod-security';

/**
 * Where an app keeps its registries. A global symbol, because a platform library may bring a copy of this library of
 * its own, and its routers are in conflict with the app's all the same.
 */
const REGISTRIES = Symbol.for('cdk8s-egress-router.registries');
type WithRegistries = IConstruct & { [REGISTRIES]?: Map<string, ClusterRegistry> };

/** The router that says which cluster its chart is for. */
const FIRST_ROUTER = Symbol.for('cdk8s-egress-router.first-router');
type WithFirstRouter = Chart & { [FIRST_ROUTER]?: { readonly cluster: string; readonly router: IConstruct } };

/** A construct that installs a plugin on the nodes, or takes it off them. */
export interface InstalledPlugin extends IConstruct {
  readonly pluginName: string;
  readonly uninstall: boolean;
}

/** A router that has not been decoded yet, or cannot be: rules may still be added to it. */
export interface Member {
  readonly claimant: Claimant | undefined;
  /** Its own warnings, each with its path. */
  readonly warnings: readonly string[];
}

/**
 * The routers of one cluster within one app. Its answer is kept until something changes: cdk8s validates the whole
 * app once for every chart.
 */
export class ClusterRegistry {
  private readonly members: Member[] = [];
  private readonly plugins: InstalledPlugin[] = [];
  private conflicts: Conflicts | undefined;
  private namespaces: ReadonlyMap<string, StrictNamespace> | undefined;
  private objects: ReadonlyMap<string, readonly Issue[]> | undefined;
  private files: ReadonlyMap<string, readonly Issue[]> | undefined;
  private changes = 0;
  private hasPrinted = false;
  private reporter: string | undefined;
  private readonly warned = new Set<string>();

  private constructor(
    private readonly app: IConstruct,
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
    const known = root[REGISTRIES].get(cluster.name) ?? new ClusterRegistry(root, cluster, root[REGISTRIES]);
    root[REGISTRIES].set(cluster.name, known);
    const chart: WithFirstRouter = Chart.of(scope);
    const first = chart[FIRST_ROUTER];
    if (first === undefined || !isInTree(first.router)) chart[FIRST_ROUTER] = { cluster: cluster.name, router: scope };
    return known;
  }

  /** The registries of the app of `scope`. */
  public static all(scope: IConstruct): ClusterRegistry[] {
    return [...((scope.node.root as WithRegistries)[REGISTRIES]?.values() ?? [])];
  }

  /** Warnings about the members, and between them. */
  public get allWarnings(): string[] {
    return [...this.members.flatMap(({ warnings }) => warnings), ...this.warnings];
  }

  public add(member: Member): void {
    this.members.push(member);
    this.forget();
  }

  /** To be called for each plugin that the app installs on the cluster's nodes, or takes off them. */
  public addPlugin(plugin: InstalledPlugin): void {
    this.plugins.push(plugin);
    this.forget();
  }

  /** To be called when a member changed. */
  public forget(): void {
    this.conflicts = undefined;
    this.namespaces = undefined;
    this.files = undefined;
    this.objects = undefined;
    this.hasPrinted = false;
    this.reporter = undefined;
    this.changes++;
  }

  /** Another number after each change: an answer is good for as long as it stays. */
  public get revision(): number {
    return this.changes;
  }

  /** Routers that name no cluster are compared with each other, and with no others. */
  private unnamedWarnings(): string[] {
    if (this.cluster.name !== DEFAULT_CLUSTER.name) return [];
    const count = this.claimants().length;
    const named = [...this.others.values()].filter((other) => other !== this && other.claimants().length > 0);
    if (count === 0 || named.length === 0) return [];
    const names = named.map(({ cluster }) => cluster.name).join(', ');
    return [
      `some routers (${count}) name no cluster and others name ${names}: conflicts between them are not seen; name the cluster in all`,
    ];
  }

  /**
   * Standalone routers with a plugin that the app does not install, or removes from the nodes. By the default name OKD
   * has one, which ignores what it does not know.
   */
  private pluginWarnings(): string[] {
    const plugins = this.plugins.filter(isInTree);
    const names = new Set(plugins.filter(({ uninstall }) => !uninstall).map(({ pluginName }) => pluginName));
    const removed = new Map(plugins.map((plugin) => [plugin.pluginName, plugin.node.path]));
    const installed = [...names].map((name) => `"${name}"`).join(', ');
    return this.claimants().flatMap(({ path, spec: { mode, pluginName } }) => {
      if (mode === RouterModeKind.OPERATOR || names.has(pluginName)) return [];
      const field = `[${path}] mode.pluginName: "${pluginName}"`;
      const remover = removed.get(pluginName);
      if (remover !== undefined)
        return [
          `${field} is removed from the nodes by [${remover}], and the router's pod can neither start nor end without it`,
        ];
      const { name } = this.cluster;
      return names.size === 0 ? [] : [`${field} is not what the app installs on cluster "${name}": ${installed}`];
    });
  }

  /** Issues of a router's choice of cluster: its settings differ, or its chart holds routers of another one. */
  public clusterIssues(scope: IConstruct, cluster: EgressRouterCluster): Issue[] {
    const issues: Issue[] = [];
    const different = differentSetting(this.cluster, cluster);
    if (different !== undefined) {
      issues.push({
        path: 'cluster.name',
        value: cluster.name,
        problem: `is the name of another cluster in this app, with another ${different}`,
        accepted: 'one EgressRouterCluster for a cluster',
      });
    }
    const first = (Chart.of(scope) as WithFirstRouter)[FIRST_ROUTER];
    if (first !== undefined && first.cluster !== cluster.name && isInTree(first.router)) {
      issues.push({
        path: 'cluster',
        value: cluster.name,
        problem: `is not the cluster of [${first.router.node.path}], which is in the same chart`,
        accepted: `"${first.cluster}", or a chart of its own: a chart is applied to one cluster`,
      });
    }
    return issues;
  }

  /**
   * The cluster's Namespace of this name, if the app has it and it refuses privileged pods. Looked for once for all
   * routers.
   */
  public strictNamespace(name: string): StrictNamespace | undefined {
    this.namespaces ??= strictNamespaces(this.app, (chart) => this.isOfCluster(chart));
    return this.namespaces.get(name);
  }

  /** Issues of the router at this path with others of its cluster. Warnings are printed when they are first found. */
  public issuesOf(path: string): readonly Issue[] {
    const { issues } = this.findConflicts();
    if (!this.warningsAreErrors) this.printWarnings();
    this.files ??= fileConflicts(this.app);
    this.objects ??= objectConflicts(this.app, this.claimants(), (chart) => this.isOfCluster(chart));
    return [issues, this.files, this.objects].flatMap((found) => found.get(path) ?? []);
  }

  /** Whether a chart is applied to this cluster. A chart without routers may be for any: known where there is one. */
  private isOfCluster(chart: WithFirstRouter): boolean {
    const cluster = chart[FIRST_ROUTER]?.cluster;
    return cluster === this.cluster.name || (cluster === undefined && this.others.size === 1);
  }

  /** Whether warnings end synth: also those of routers that name no cluster, where a cluster of the app asks for it. */
  public get warningsAreErrors(): boolean {
    if (this.cluster.warningsAsErrors) return true;
    const others = this.cluster.name === DEFAULT_CLUSTER.name ? [...this.others.values()] : [];
    return others.some(({ cluster }) => cluster.warningsAsErrors);
  }

  /** Warnings between members that the member at this path reports as errors: the first that asks has them all. */
  public warningsFor(path: string): readonly string[] {
    this.reporter ??= path;
    return this.reporter === path ? this.warnings : [];
  }

  private get warnings(): readonly string[] {
    return [...this.findConflicts().warnings, ...this.unnamedWarnings(), ...this.pluginWarnings()];
  }

  private printWarnings(): void {
    if (this.hasPrinted) return;
    this.hasPrinted = true;
    for (const warning of this.warnings) {
      if (!this.warned.has(warning)) warn(warning);
      this.warned.add(warning);
    }
  }

  private findConflicts(): Conflicts {
    const { macBudget: addresses, enforceMacBudget: isLimit, name } = this.cluster;
    this.conflicts ??= findConflicts(`cluster "${name}"`, this.claimants(), { addresses, isLimit });
    return this.conflicts;
  }

  private claimants(): Claimant[] {
    return this.members.flatMap(({ claimant }) => claimant ?? []);
  }
}

const PLAIN = { depth: 6, maxArrayLength: null };

function differentSetting(one: EgressRouterCluster, other: EgressRouterCluster): string | undefined {
  if (one === other) return undefined;
  const settings = { ...one, ...other };
  return (Object.keys(settings) as (keyof EgressRouterCluster)[]).find(
    // Not by prototypes: another copy of this library has classes of its own.
    (key) => inspect(one[key], PLAIN) !== inspect(other[key], PLAIN),
  );
}

/** Warnings as errors, with the setting that makes them so. */
export function asErrors(warnings: readonly string[]): string[] {
  return warnings.map((warning) => `${warning} (an error by warningsAsErrors of the cluster)`);
}

/** Standard error, because a synthesized manifest may be going to standard output. */
export function warn(text: string): void {
  console.error(`[warning] ${text}`);
}
