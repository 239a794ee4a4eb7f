import { ApiObject, type ApiObjectMetadata, Duration, JsonPatch, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { MESH_OPT_OUT_ANNOTATIONS, MESH_OPT_OUT_LABELS } from '../mesh-opt-out';
import { addOwnPatch, keepPatches } from '../patch-keeper';
import type { PluginDeclaration } from './egress-router-plugin-declaration';

/** Where the pod sees the node's root directory. */
const NODE_ROOT = '/host';

/**
 * The DaemonSet that keeps the plugin on the nodes: the executable runs there, with the node's C library and in its
 * network namespace, so that is where it is tried.
 *
 * @param serviceAccount the pods' account, where one is needed
 */
export function pluginDaemonSet(
  scope: Construct,
  plugin: PluginDeclaration,
  serviceAccount: kplus.IServiceAccount | undefined,
): kplus.DaemonSet {
  const { labels, container } = plugin;
  const daemonSet = new kplus.DaemonSet(scope, 'DaemonSet', {
    metadata: pluginMetadata(plugin),
    select: false,
    podMetadata: { labels: { ...MESH_OPT_OUT_LABELS, ...labels }, annotations: { ...MESH_OPT_OUT_ANNOTATIONS } },
    containers: [installerContainer(scope, plugin)],
    dockerRegistryAuth: container.dockerRegistryAuth,
    serviceAccount,
    automountServiceAccountToken: false,
    // The parent interface is the node's; and the plugin has to be installed before the cluster network is up.
    hostNetwork: true,
    dns: { policy: kplus.DnsPolicy.DEFAULT },
    securityContext: { ensureNonRoot: false },
    terminationGracePeriod: Duration.seconds(5),
  });
  daemonSet.select(kplus.LabelSelector.of({ labels: { ...labels } }));
  // cdk8s-plus labels the pod with a hash of the construct's path: moving code would restart the installers.
  daemonSet.podMetadata.addLabel(kplus.Pod.ADDRESS_LABEL, plugin.name);
  addOwnPatch(ApiObject.of(daemonSet), ...patches(plugin));
  keepPatches(daemonSet);
  ApiObject.of(daemonSet).addJsonPatch(READ_ONLY_BELOW);
  return daemonSet;
}

/**
 * A read-only mount leaves the mounts below it writable, such as the node's /run and /dev/shm. The member is newer than
 * the Kubernetes of cdk8s-plus-28.
 *
 * @see https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts
 */
const READ_ONLY_BELOW = JsonPatch.add(
  '/spec/template/spec/containers/0/volumeMounts/0/recursiveReadOnly',
  'IfPossible',
);

/** Metadata of each of the plugin's objects. */
export function pluginMetadata({ metadata, name, labels }: PluginDeclaration): ApiObjectMetadata {
  return { ...metadata, name, labels: { ...metadata.labels, ...labels } };
}

/** What cdk8s-plus cannot say, or says differently. */
function patches({ nodeLabels }: PluginDeclaration): JsonPatch[] {
  const podSpec = '/spec/template/spec';
  return [
    // One node after the other: a plugin that does not serve stops the rollout at the first. The number is in
    // cdk8s-plus' form.
    JsonPatch.add('/spec/updateStrategy', { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: { value: 1 } } }),
    // A router needs its plugin on every node that it may run on, tainted ones included.
    JsonPatch.add(`${podSpec}/tolerations`, [{ operator: 'Exists' }]),
    JsonPatch.add(`${podSpec}/priorityClassName`, 'system-node-critical'),
    JsonPatch.add(`${podSpec}/nodeSelector`, { 'kubernetes.io/os': 'linux', ...nodeLabels }),
    JsonPatch.add(`${podSpec}/enableServiceLinks`, false),
    // SELinux' default type of a container may not write into the node's directories. A node without SELinux ignores
    // this.
    JsonPatch.add(`${podSpec}/containers/0/securityContext/seLinuxOptions`, { type: 'spc_t' }),
    // Zero values, which the API server drops: every apply would find a difference.
    JsonPatch.remove('/spec/minReadySeconds'),
    JsonPatch.remove(`${podSpec}/setHostnameAsFqdn`),
  ];
}

function installerContainer(scope: Construct, plugin: PluginDeclaration): kplus.ContainerProps {
  const { container, cniBinDirectory } = plugin;
  const hostPath = (id: string, name: string, path: string) =>
    kplus.Volume.fromHostPath(scope, id, name, { path, type: kplus.HostPathVolumeType.DIRECTORY });
  return {
    name: 'install',
    image: plugin.image,
    imagePullPolicy: container.imagePullPolicy,
    command: ['/egress-router'],
    args: [...installArguments(plugin), '--watch'],
    volumeMounts: [
      { path: NODE_ROOT, volume: hostPath('NodeRoot', 'node-root', '/'), readOnly: true },
      // At the path that it has on the node, so that one name serves both.
      { path: cniBinDirectory, volume: hostPath('Plugins', 'cni-bin', cniBinDirectory) },
    ],
    readiness: kplus.Probe.fromCommand(['/egress-router', ...installArguments(plugin), '--check'], {
      periodSeconds: Duration.seconds(10),
      timeoutSeconds: Duration.seconds(10),
      failureThreshold: 2,
    }),
    resources: container.resources ?? {
      cpu: { request: kplus.Cpu.millis(10) },
      memory: { request: Size.mebibytes(64), limit: Size.mebibytes(512) },
    },
    securityContext: {
      user: 0,
      group: 0,
      ensureNonRoot: false,
      capabilities: {
        drop: [kplus.Capability.ALL],
        // To run the file among the node's files (chroot), and for STATUS: a network namespace, macvlan and nf_tables
        // in it.
        add: [kplus.Capability.SYS_CHROOT, kplus.Capability.SYS_ADMIN, kplus.Capability.NET_ADMIN],
      },
      seccompProfile: { type: kplus.SeccompProfileType.RUNTIME_DEFAULT },
    },
  };
}

function installArguments({ cniBinDirectory, pluginName, parentInterface, uninstall }: PluginDeclaration): string[] {
  const words = [
    'install',
    `--cni-bin-dir=${cniBinDirectory}`,
    `--plugin-name=${pluginName}`,
    `--node-root=${NODE_ROOT}`,
  ];
  if (parentInterface !== undefined) words.push(`--master=${parentInterface}`);
  if (uninstall) words.push('--uninstall');
  return words;
}
