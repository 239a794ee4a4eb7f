import type { IConstruct } from 'constructs';
import { type Issue, issueText } from '../domain/input/issue';
import type { Claimant } from '../domain/router/conflicts';
import { asErrors, type ClusterRegistry, warn } from './cluster/cluster-registry';
import type { EgressRouterCluster } from './cluster/egress-router-cluster';
import { podSecurityIssues } from './cluster/pod-security';
import { declaredObjects } from './declared-objects';
import type { RouterHosts } from './hosts/router-hosts';
import { isInTree } from './is-in-tree';
import type { RouterDeclaration } from './router-declaration';
import { configMapIssues } from './standalone/router-config-map';
import { argumentIssues } from './standalone/router-container';
import { standaloneNetworkConfig } from './standalone/router-network-config';
import type { StandaloneObjects } from './standalone/standalone-objects';
import { standbyIssues } from './standalone/standby-issues';

/** What is judged of a router. */
interface JudgedRouter extends IConstruct {
  readonly cluster: EgressRouterCluster;
  readonly standalone?: StandaloneObjects;
  readonly warnings: string[];
}

/** What synth says about one router: its own mistakes, its conflicts with others, its warnings. */
export class RouterValidation {
  private hasWarned = false;
  private verdict?: { readonly revision: number; readonly errors: string[] };

  /**
   * @param settle makes what depends on all rules and hosts; called before each judgement
   */
  public constructor(
    private readonly router: JudgedRouter,
    private readonly declaration: RouterDeclaration,
    private readonly registry: ClusterRegistry,
    private readonly hosts: RouterHosts,
    private readonly settle: () => void,
  ) {
    const validation = this;
    registry.add({
      get claimant() {
        return validation.claimant();
      },
      get warnings() {
        if (!isInTree(router)) return [];
        return router.warnings.map((warning) => `[${router.node.path}] ${warning}`);
      },
    });
    router.node.addValidation({ validate: () => this.validate() });
  }

  private claimant(): Claimant | undefined {
    if (!isInTree(this.router)) return undefined;
    const spec = this.declaration.identified;
    return (
      spec && {
        path: this.router.node.path,
        spec,
        objects: declaredObjects(this.declaration),
        pathOf: (prop) => this.declaration.fields.pathOf(prop),
        reservations: [...this.declaration.reservations, ...this.hosts.reservations],
      }
    );
  }

  /**
   * cdk8s asks once for each chart of the app, and always before it renders: what depends on all rules is settled here.
   */
  private validate(): string[] {
    const { revision } = this.registry;
    if (this.verdict?.revision !== revision) this.verdict = { revision, errors: this.validateNow() };
    return this.verdict.errors;
  }

  private validateNow(): string[] {
    this.settle();
    const { router, registry, declaration } = this;
    const issues: Issue[] = [
      ...declaration.issues,
      ...this.hosts.issues,
      ...registry.clusterIssues(router, router.cluster),
      ...registry.issuesOf(router.node.path),
      ...podSecurityIssues(declaration, registry),
      ...this.configIssues(),
    ];
    return [...issues.map((issue) => issueText(declaration.fields.issueOf(issue))), ...this.reportWarnings()];
  }

  /** Prints the warnings, once; returns them where they are errors. */
  private reportWarnings(): string[] {
    const { registry, router } = this;
    const { warnings } = router;
    const { path } = router.node;
    if (registry.warningsAreErrors) return asErrors([...warnings, ...registry.warningsFor(path)]);
    if (!this.hasWarned) for (const warning of warnings) warn(`[${path}] ${warning}`);
    this.hasWarned = true;
    return [];
  }

  /** What will be refused of what the pod gets in files and arguments, and of a pair. */
  private configIssues(): Issue[] {
    const { standalone } = this.router;
    if (standalone === undefined || this.declaration.issues.length > 0) return [];
    const config = standaloneNetworkConfig(this.declaration);
    return [
      ...configMapIssues(standalone._files),
      ...argumentIssues(config),
      ...standbyIssues(this.declaration, standalone),
    ];
  }
}
