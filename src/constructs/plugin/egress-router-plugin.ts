import { ApiObject, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { Construct, type IConstruct } from 'constructs';
import { type Issue, issueText } from '../../domain/input/issue';
import { ClusterRegistry } from '../cluster/cluster-registry';
import type { EgressRouterCluster } from '../cluster/egress-router-cluster';
import { pluginNamespaceIssues } from '../cluster/pod-security';
import { keepPatches } from '../patch-keeper';
import { pluginDaemonSet, pluginMetadata } from './egress-router-plugin-daemon-set';
import { type PluginDeclaration, readPluginDeclaration } from './egress-router-plugin-declaration';
import { type EgressRouterPluginProps, NodeFlavour } from './egress-router-plugin-props';

/** Marks the plugins of an app, also those of another copy of this library, whose class is another one. */
const PLUGIN = Symbol.for('cdk8s-egress-router.plugin');

/**
 * The CNI plugin of standalone routers on a cluster's nodes: a DaemonSet that installs it, keeps it there, and is ready
 * where it serves. Deleting the DaemonSet leaves the plugin, because running routers need it to end.
 *
 * Its namespace has to admit *privileged* pods: label it `pod-security.kubernetes.io/enforce: privileged`. Where the
 * app has that Namespace and it enforces another level, synth says so.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#privileged
 */
export class EgressRouterPlugin extends Construct {
  /** Name of the DaemonSet. */
  public readonly name: string;

  /** Name of the plugin: the file's name on the nodes. */
  public readonly pluginName: string;

  /** Directory on the nodes in which it lies. */
  public readonly cniBinDirectory: string;

  /** The cluster whose nodes get the plugin. */
  public readonly cluster: EgressRouterCluster;

  /** The DaemonSet of the installers. */
  public readonly daemonSet: kplus.DaemonSet;

  /** Whether the plugin is taken off the nodes instead. */
  public readonly uninstall: boolean;

  private readonly declaration: PluginDeclaration;
  private readonly issues: Issue[] = [];

  /**
   * @param scope the chart, or a construct in one
   * @param id name within the scope, and of the DaemonSet unless `metadata.name` says otherwise
   * @param props what is installed where
   */
  public constructor(scope: Construct, id: string, props: EgressRouterPluginProps = {}) {
    super(scope, id);
    Object.defineProperty(this, PLUGIN, { value: true });
    const { namespace } = Chart.of(this);
    this.declaration = readPluginDeclaration(props ?? {}, id, namespace, this.issues);
    this.cluster = this.declaration.cluster;
    this.name = this.declaration.name;
    this.pluginName = this.declaration.pluginName;
    this.cniBinDirectory = this.declaration.cniBinDirectory;
    this.uninstall = this.declaration.uninstall;
    const serviceAccount = this.declaration.flavour === NodeFlavour.OKD ? this.createAccount() : undefined;
    this.daemonSet = pluginDaemonSet(this, this.declaration, serviceAccount);
    this.node.defaultChild = this.daemonSet;
    keepPatches(this);
    const registry = ClusterRegistry.of(this, this.cluster);
    registry.addPlugin(this);
    this.node.addValidation({
      validate: () =>
        [
          ...this.issues,
          ...registry.clusterIssues(this, this.cluster),
          ...pluginNamespaceIssues(this.declaration.metadata.namespace, registry),
          ...this.otherInstallerIssues(),
        ].map(issueText),
    });
  }

  /** OKD admits a pod by its account's right to use security context constraints. */
  private createAccount(): kplus.ServiceAccount {
    const metadata = pluginMetadata(this.declaration);
    const account = new kplus.ServiceAccount(this, 'Account', { metadata, automountToken: false });
    new ApiObject(this, 'MayBePrivileged', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      // Every OKD has a role for each of its constraints.
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'system:openshift:scc:privileged',
      },
      subjects: [{ kind: 'ServiceAccount', name: this.name, namespace: metadata.namespace }],
    });
    return account;
  }

  /** Two installers of one file on one node would replace it in turns. */
  private otherInstallerIssues(): Issue[] {
    const others = this.node.root.node.findAll().filter((other) => installsTheSame(this, other));
    return others.map((other) => ({
      path: 'pluginName',
      value: this.pluginName,
      problem: `is installed by [${other.node.path}] as well, on the same nodes`,
      accepted: 'one EgressRouterPlugin for a cluster, or several with different nodeLabels',
    }));
  }

  /** @internal */
  public _sharesNodesWith(other: EgressRouterPlugin): boolean {
    const [own, others] = [this.declaration.nodeLabels, other.declaration.nodeLabels];
    return Object.keys(own).every((label) => others[label] === undefined || others[label] === own[label]);
  }
}

function isPlugin(construct: IConstruct): construct is EgressRouterPlugin {
  return PLUGIN in construct;
}

function installsTheSame(plugin: EgressRouterPlugin, other: IConstruct): boolean {
  return (
    isPlugin(other) &&
    other !== plugin &&
    other.cluster.name === plugin.cluster.name &&
    other.pluginName === plugin.pluginName &&
    plugin._sharesNodesWith(other)
  );
}
