import type { ApiObjectMetadata } from 'cdk8s';
import { withoutNullish } from '../../domain/input/collections';
import { Field } from '../../domain/input/decoder';
import type { Issue } from '../../domain/input/issue';
import { INSTANCE_LABEL, NAME_LABEL } from '../../domain/router/object-names';
import { readParentName } from '../../domain/values/interface-name';
import { readLabel } from '../../domain/values/kubernetes-name';
import { checkLabels, checkObjectMetadata } from '../../domain/values/object-metadata';
import { DEFAULT_PLUGIN_DIRECTORY, DEFAULT_PLUGIN_NAME, readPluginName } from '../../domain/values/plugin-name';
import { type EgressRouterCluster, readCluster } from '../cluster/egress-router-cluster';
import { completeMetadata, nameField } from '../declared-metadata';
import { ClusterDefault, readIgnoredDefaults, withoutIgnored } from '../standalone/cluster-default';
import { type ContainerOptions, readContainerOptions, readImage } from '../standalone/container-options';
import type { StandaloneRouterOptions } from '../standalone/standalone-router-options';
import { EGRESS_ROUTER_PLUGIN_KEYS, type EgressRouterPluginProps, NodeFlavour } from './egress-router-plugin-props';

/** What a plugin's DaemonSet was declared to be, with every default filled in. */
export interface PluginDeclaration {
  readonly cluster: EgressRouterCluster;
  readonly metadata: ApiObjectMetadata;
  readonly name: string;
  /** Labels of every object, which find the pods too. */
  readonly labels: { readonly [key: string]: string };
  readonly image: string;
  readonly container: ContainerOptions;
  readonly pluginName: string;
  readonly flavour: NodeFlavour;
  readonly cniBinDirectory: string;
  readonly parentInterface?: string;
  readonly nodeLabels: { readonly [label: string]: string };
  readonly uninstall: boolean;
}

/** Where each flavour's runtime looks for plugins. */
const DIRECTORIES: Readonly<Record<NodeFlavour, string>> = {
  [NodeFlavour.KUBERNETES]: DEFAULT_PLUGIN_DIRECTORY,
  [NodeFlavour.OKD]: '/var/lib/cni/bin',
  [NodeFlavour.K3S]: '/var/lib/rancher/k3s/data/cni',
  [NodeFlavour.RKE2]: DEFAULT_PLUGIN_DIRECTORY,
};

/** What the installer takes of its cluster and no value of its own turns off. */
const APPLICABLE_DEFAULTS = [ClusterDefault.DOCKER_REGISTRY_AUTH];

const DIRECTORY = `an absolute path without "..", such as ${DEFAULT_PLUGIN_DIRECTORY}, other than the node's root`;

/**
 * Reads the props. A wrong one is noted in `issues`, and what it decides takes its default, so that all are found at
 * once.
 */
export function readPluginDeclaration(
  props: EgressRouterPluginProps,
  id: string,
  namespace: string | undefined,
  issues: Issue[],
): PluginDeclaration {
  const root = Field.root(props, issues);
  root.isObjectOf(EGRESS_ROUTER_PLUGIN_KEYS);
  const cluster = readCluster(root.member('cluster'));
  const metadata = completeMetadata(root.member('metadata'), id, namespace);
  readLabel(nameField(root.member('metadata'), id, issues));
  const name = String(metadata.name);
  const labels = { [NAME_LABEL]: 'egress-router-plugin', [INSTANCE_LABEL]: name };
  checkObjectMetadata(root.member('metadata').withValue(metadata), Object.keys(labels));
  const ignored = readIgnoredDefaults(root.member('ignoreDefaults'), APPLICABLE_DEFAULTS);
  const common = withoutIgnored({ ...cluster.mode.standaloneOptions }, ignored);
  const container = root.withValue({
    ...pick(common),
    ...withoutNullish(pick(root.value as EgressRouterPluginProps)),
  });
  const flavour =
    root.member('nodeFlavour').optional((field) => field.word(Object.values(NodeFlavour))) ?? NodeFlavour.KUBERNETES;
  // A RoleBinding names its account's namespace.
  if (flavour === NodeFlavour.OKD && metadata.namespace === undefined)
    root.member('metadata').member('namespace').refuse('is missing', 'a namespace, here or of the chart');
  return {
    cluster,
    metadata,
    name,
    labels,
    image: readImage(container.member('image')),
    container: readContainerOptions(container),
    pluginName: readName(container.member('pluginName'), flavour),
    flavour,
    cniBinDirectory: root.member('cniBinDirectory').optional(readDirectory) ?? DIRECTORIES[flavour],
    parentInterface: root.member('parentInterface').optional(readParentName),
    nodeLabels: readNodeLabels(root.member('nodeLabels')),
    uninstall: root.member('uninstall').optional((field) => field.flag()) ?? false,
  };
}

/** What the installer has in common with the standalone routers of its cluster, unless it says otherwise. */
function pick({ image, imagePullPolicy, dockerRegistryAuth, pluginName }: StandaloneRouterOptions) {
  return { image, imagePullPolicy, dockerRegistryAuth, pluginName };
}

function readName(field: Field, flavour: NodeFlavour): string {
  const name = field.optional(readPluginName) ?? DEFAULT_PLUGIN_NAME;
  if (flavour === NodeFlavour.OKD && name === DEFAULT_PLUGIN_NAME) {
    field
      .withValue(name)
      .refuse(
        "is the name of OKD's own plugin, which its operator keeps on every node",
        'another name, here and for the standalone routers: pluginName in the mode of the EgressRouterCluster serves both',
      );
  }
  return name;
}

function readNodeLabels(field: Field): PluginDeclaration['nodeLabels'] {
  checkLabels(field);
  const system = field.member('kubernetes.io/os');
  if (system.isPresent && system.value !== 'linux') system.refuse('is not a system that the plugin runs on', 'linux');
  return { ...(field.value as PluginDeclaration['nodeLabels'] | undefined) };
}

function readDirectory(field: Field): string | undefined {
  const path = field.text(DIRECTORY);
  if (path === undefined) return undefined;
  const isPath = /^(\/[\w.-]+)+$/.test(path) && !path.split('/').some((name) => name === '..' || name === '.');
  return isPath ? path : field.refuse('is not such a path', DIRECTORY);
}
