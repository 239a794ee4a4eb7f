import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host } from '../../test/kernel/lab/host';
import { Lan, QUIET } from '../../test/kernel/lab/lan';
import { LAN } from '../../test/kernel/lab/layout';
import { Authority } from '../../test/support/authority';
import { lanAddress, MACHINES, PODS } from './addresses';
import { Certificates } from './certificates';
import { ControlPlane } from './control-plane';
import { buildImages, type Image } from './images';
import { Kubectl } from './kubectl';
import { Machine } from './machine';
import { MachineNetwork } from './machine-network';
import { findPrograms } from './programs';
import { until } from './until';
import { Worker } from './worker';

export interface ClusterOptions {
  readonly workers: number;
  /** How long a node may be silent before it counts as lost. @default - Kubernetes' default, 50 s */
  readonly nodeGraceSeconds?: number;
}

/** The names of the API server's certificate: its own addresses, and the Service's. */
const API_NAMES = [
  'IP:127.0.0.1',
  `IP:${MACHINES.control.ipv4}`,
  'IP:10.96.0.1',
  'DNS:localhost',
  'DNS:kubernetes.default.svc',
];

/**
 * A real Kubernetes on this machine: a control plane, workers, and the LAN outside. Machines are network and mount
 * namespaces:
 *
 *     control plane ─┐
 *     worker n1 ─────┼── the machines' network (eth0)
 *     worker n2 ─────┘
 *     workers (lan0) ── LAN ── gateway ── server
 */
export class Cluster {
  public readonly outside = new Lan();
  /** Logs, keys and images; removed with the cluster. */
  public readonly folder = mkdtempSync(join(tmpdir(), 'egress-router-e2e-'));
  public readonly network: MachineNetwork;
  public readonly workers: Worker[] = [];
  /** Signs the certificates of the servers outside. */
  public readonly authority: Authority;
  private readonly programs = findPrograms();
  private readonly certificates: Certificates;
  private readonly machines: Machine[] = [];
  private readonly images: readonly Image[];
  private control: { readonly machine: Machine; readonly plane: ControlPlane; readonly kubectl: Kubectl } | undefined;

  private constructor(private readonly options: ClusterOptions) {
    this.network = new MachineNetwork(this.outside, options.workers);
    this.authority = new Authority(join(this.folder, 'servers'));
    this.certificates = new Certificates(join(this.folder, 'keys'), `https://${MACHINES.control.ipv4}:6443`, API_NAMES);
    this.images = buildImages(this.folder, this.programs.coredns, this.authority.path('ca.crt'));
  }

  /** @returns a cluster whose nodes are ready and whose pods can be created */
  public static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    try {
      await cluster.boot();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  public get kubectl(): Kubectl {
    return this.control!.kubectl;
  }

  public get controlPlane(): ControlPlane {
    return this.control!.plane;
  }

  private async boot(): Promise<void> {
    const { certificates } = this;
    const admin = certificates.addUser('admin', ['system:masters']);
    const shared = {
      multus: certificates.addUser('multus', ['system:masters']),
      proxy: certificates.addUser('system:kube-proxy'),
    };
    const machine = await this.bootControl();
    const plane = new ControlPlane({
      machine,
      certificates,
      programs: this.programs.kubernetes,
      logs: join(this.folder, 'control'),
      nodeGraceSeconds: this.options.nodeGraceSeconds,
    });
    const kubectl = new Kubectl(
      join(this.programs.kubernetes, 'kubectl'),
      ['nsenter', `--net=${machine.network.path}`],
      {
        KUBECONFIG: admin,
        KUBECACHEDIR: join(this.folder, 'kubectl'),
      },
    );
    this.control = { machine, plane, kubectl };
    for (let number = 1; number <= this.options.workers; number++) await this.bootWorker(number, shared);
    plane.startStore();
    const starting = this.workers.map((worker) => worker.start());
    await until('the API server is ready', () => kubectl.run(['get', '--raw', '/readyz']), 180);
    plane.startControllers();
    await Promise.all(starting);
    for (const { name } of this.workers) await until(`node ${name} is ready`, () => this.isReady(name));
    await until('pods can be created', () => kubectl.run(['get', 'serviceaccount', 'default']));
  }

  public isReady(node: string): boolean {
    const path = '--output=jsonpath={.status.conditions[?(@.type=="Ready")].status}';
    return this.kubectl.run(['get', 'node', node, path]) === 'True';
  }

  private async bootControl(): Promise<Machine> {
    const namespace = this.outside.namespace('control', QUIET);
    this.network.connect(namespace, MACHINES.control);
    return this.keep(await Machine.boot('control', namespace));
  }

  private async bootWorker(number: number, shared: { readonly multus: string; readonly proxy: string }): Promise<void> {
    const name = `n${number}`;
    const namespace = this.outside.namespace(name, {
      ...QUIET,
      'ipv4/ip_forward': '1',
      'ipv6/conf/all/forwarding': '1',
    });
    this.network.connect(namespace, MACHINES.worker(number));
    const lanPort = this.outside.plugIn(namespace, 'lan0');
    // Packets of pods to the outside get the node's address, also on the LAN.
    new Host(namespace, 'lan0', lanAddress(number));
    namespace.batch(
      `route add default via ${LAN.gateway.ipv4.split('/')[0]}`,
      `route add default via ${LAN.linkLocalGateway} dev lan0`,
    );
    const { status, stderr } = namespace.try(['nft', '-f', '-'], MASQUERADE);
    if (status !== 0) throw new Error(stderr);
    const machine = this.keep(await Machine.boot(name, namespace));
    this.workers.push(
      new Worker({
        number,
        machine,
        lanPort,
        programs: this.programs,
        images: this.images,
        folder: join(this.folder, name),
        authority: this.certificates.path('ca.crt'),
        users: { kubelet: this.certificates.addUser(`system:node:${name}`, ['system:nodes']), ...shared },
      }),
    );
  }

  /** Unplugs or plugs in a worker's cables: of the cluster's network, and of the LAN. */
  public cable(worker: Worker, { machines, lan }: { readonly machines: boolean; readonly lan: boolean }): void {
    const { network } = worker.machine;
    if (machines) this.network.plugIn(network);
    else this.network.unplug(network);
    this.outside.lan.batch(`link set ${worker.lanPort} ${lan ? 'up' : 'down'}`);
  }

  /** Simulates a power failure of a worker. `Worker.restart` ends it. */
  public powerOff(worker: Worker): void {
    this.cable(worker, { machines: false, lan: false });
    worker.machine.powerOff();
  }

  private keep(machine: Machine): Machine {
    this.machines.push(machine);
    return machine;
  }

  /** Ends everything and removes every trace. */
  public async stop(): Promise<void> {
    for (const machine of this.machines.splice(0)) machine.powerOff();
    this.outside[Symbol.dispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const MASQUERADE = `table inet cluster {
  chain postrouting {
    type nat hook postrouting priority srcnat
    ip saddr ${PODS.all4} ip daddr != { ${PODS.all4}, 10.11.0.0/24 } masquerade
    ip6 saddr ${PODS.all6} ip6 daddr != { ${PODS.all6}, fd00:10:11::/64 } masquerade
  }
}`;
