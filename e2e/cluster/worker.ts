import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LAN_DNS, MACHINES, PODS, SERVICES } from './addresses';
import type { Daemon } from './daemon';
import type { Image } from './images';
import type { Machine } from './machine';
import type { Programs } from './programs';
import { until } from './until';

export interface WorkerOptions {
  readonly number: number;
  readonly machine: Machine;
  /** The port of the LAN's switch for its `lan0`. */
  readonly lanPort: string;
  readonly programs: Programs;
  readonly images: readonly Image[];
  readonly folder: string;
  readonly authority: string;
  /** Kubeconfigs of its programs' users. */
  readonly users: { readonly kubelet: string; readonly proxy: string; readonly multus: string };
}

/** containerd's plugin directory: the installer's default. */
const CNI_BIN = '/opt/cni/bin';
/** The node's DNS servers. */
const RESOLV_CONF = '/var/lib/resolv.conf';
const CNI_CONFIG = '/var/lib/cni/net.d';

/** A node that runs pods: containerd with Multus and a bridge, kubelet and kube-proxy. */
export class Worker {
  public readonly name: string;
  public readonly containerd: Daemon;
  public readonly kubelet: Daemon;
  private readonly proxy: Daemon;
  private readonly socket: string;

  public constructor(private readonly options: WorkerOptions) {
    const { machine, programs, folder } = options;
    this.name = machine.name;
    this.socket = '/run/containerd/containerd.sock';
    mkdirSync(folder, { recursive: true });
    const daemon = (name: string, words: readonly string[]) => machine.daemon(name, words, join(folder, `${name}.log`));
    this.containerd = daemon('containerd', ['containerd', '--config', '/var/lib/containerd.toml']);
    this.kubelet = daemon('kubelet', [
      join(programs.kubernetes, 'kubelet'),
      '--config=/var/lib/kubelet.json',
      `--kubeconfig=${options.users.kubelet}`,
      `--hostname-override=${this.name}`,
      `--node-ip=${this.address.ipv4},${this.address.ipv6}`,
    ]);
    this.proxy = daemon('kube-proxy', [join(programs.kubernetes, 'kube-proxy'), '--config=/var/lib/kube-proxy.json']);
  }

  public get machine(): Machine {
    return this.options.machine;
  }

  public get address() {
    return MACHINES.worker(this.options.number);
  }

  public get lanPort(): string {
    return this.options.lanPort;
  }

  /** The folder of the daemons' logs. */
  public get logs(): string {
    return this.options.folder;
  }

  public get daemons(): readonly Daemon[] {
    return [this.containerd, this.kubelet, this.proxy];
  }

  /** Also after a power failure: no previous state remains. */
  public async start(): Promise<void> {
    this.installNetwork();
    const { machine, images } = this.options;
    machine.write('/var/lib/containerd.toml', CONTAINERD);
    machine.write(RESOLV_CONF, `nameserver ${LAN_DNS}\n`);
    machine.write('/var/lib/kubelet.json', JSON.stringify(this.kubeletConfig()));
    machine.write('/var/lib/kube-proxy.json', JSON.stringify(this.proxyConfig()));
    machine.makeCgroups();
    this.containerd.start();
    await until('containerd answers', () => machine.run('ctr', '--address', this.socket, 'version'));
    for (const image of images) this.importImage(image);
    this.kubelet.start();
    this.proxy.start();
  }

  /** After a power failure. */
  public async restart(): Promise<void> {
    const { machine } = this.options;
    // State that the kernel would have lost.
    machine.network.try(['ip', 'link', 'delete', 'cni0']);
    machine.network.try(['nft', 'delete', 'table', 'ip', 'kube-proxy']);
    machine.network.try(['nft', 'delete', 'table', 'ip6', 'kube-proxy']);
    await machine.powerOn();
    await this.start();
  }

  /** containerd's client. */
  public ctr(...words: string[]): string {
    return this.machine.run('ctr', '--address', this.socket, '--namespace', 'k8s.io', ...words);
  }

  /** Adds the name that manifests use to the one in the archive. */
  public importImage({ name, archive }: Image): void {
    const images = (...words: string[]) => this.ctr('images', ...words);
    const [, imported] = /unpacking (\S+)/.exec(images('import', archive)) ?? [];
    if (imported !== name) images('tag', imported!, name);
  }

  private installNetwork(): void {
    const { machine, programs, users, number } = this.options;
    machine.run('sh', '-ec', `mkdir -p ${CNI_BIN} && cp /usr/lib/cni/* ${join(programs.multus, 'multus')} ${CNI_BIN}`);
    machine.write(`${CNI_CONFIG}/00-multus.conf`, JSON.stringify(multusConfig(number, users.multus)));
  }

  private kubeletConfig(): object {
    return {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: this.options.authority },
      },
      authorization: { mode: 'Webhook' },
      cgroupDriver: 'cgroupfs',
      cgroupRoot: this.machine.cgroup,
      failCgroupV1: false,
      oomScoreAdj: 0,
      containerRuntimeEndpoint: `unix://${this.socket}`,
      volumePluginDir: '/var/lib/kubelet/volumeplugins',
      resolvConf: RESOLV_CONF,
      clusterDNS: [SERVICES.dns],
      clusterDomain: 'cluster.local',
      evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '100Mi', 'imagefs.available': '100Mi' },
    };
  }

  private proxyConfig(): object {
    return {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      clientConnection: { kubeconfig: this.options.users.proxy },
      hostnameOverride: this.name,
      mode: 'nftables',
      // The default of one second shows as refused connections right after a rollout.
      nftables: { minSyncPeriod: '100ms' },
      clusterCIDR: `${PODS.all4},${PODS.all6}`,
      conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    };
  }
}

const CONTAINERD = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/client:1"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI_BIN}"
    conf_dir = "${CNI_CONFIG}"
`;

function multusConfig(number: number, kubeconfig: string): object {
  const { ipv4, ipv6 } = PODS.ofWorker(number);
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    isDefaultGateway: true,
    hairpinMode: true,
    ipam: { type: 'host-local', ranges: [[{ subnet: ipv4 }], [{ subnet: ipv6 }]] },
  };
  return {
    cniVersion: '1.0.0',
    name: 'multus',
    type: 'multus',
    kubeconfig,
    binDir: CNI_BIN,
    delegates: [{ cniVersion: '1.0.0', name: 'cluster', plugins: [bridge] }],
  };
}
