import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MACHINES, SERVICES } from './addresses';
import type { Certificates } from './certificates';
import type { Daemon } from './daemon';
import type { Machine } from './machine';

export interface ControlPlaneOptions {
  readonly machine: Machine;
  readonly certificates: Certificates;
  /** Folder of Kubernetes' programs. */
  readonly programs: string;
  readonly logs: string;
  /** How long a node may be silent before it counts as lost; Kubernetes' default is 50 s. */
  readonly nodeGraceSeconds?: number;
}

/** etcd, the API server, the controllers and the scheduler, on a machine that runs no pods. */
export class ControlPlane {
  public readonly etcd: Daemon;
  public readonly apiServer: Daemon;
  private readonly controllers: Daemon;
  private readonly scheduler: Daemon;

  public constructor(options: ControlPlaneOptions) {
    const { machine, certificates, programs, logs } = options;
    mkdirSync(logs, { recursive: true });
    const daemon = (name: string, words: readonly string[]) => machine.daemon(name, words, join(logs, `${name}.log`));
    const program = (name: string) => join(programs, name);
    this.etcd = daemon('etcd', ETCD);
    this.apiServer = daemon('kube-apiserver', [program('kube-apiserver'), ...apiServerFlags(certificates)]);
    this.controllers = daemon('kube-controller-manager', [
      program('kube-controller-manager'),
      `--kubeconfig=${certificates.addUser('system:kube-controller-manager')}`,
      `--root-ca-file=${certificates.path('ca.crt')}`,
      `--service-account-private-key-file=${certificates.path('sa.key')}`,
      ...CONTROLLERS,
      ...graceFlags(options.nodeGraceSeconds),
    ]);
    this.scheduler = daemon('kube-scheduler', [
      program('kube-scheduler'),
      `--kubeconfig=${certificates.addUser('system:kube-scheduler')}`,
      '--leader-elect=false',
    ]);
  }

  /** Users must exist before: the API server reads their tokens once. */
  public startStore(): void {
    this.etcd.start();
    this.apiServer.start();
  }

  public startControllers(): void {
    this.controllers.start();
    this.scheduler.start();
  }

  public get daemons(): readonly Daemon[] {
    return [this.etcd, this.apiServer, this.controllers, this.scheduler];
  }
}

const ETCD = [
  'etcd',
  '--data-dir=/var/lib/etcd',
  '--listen-client-urls=http://127.0.0.1:2379',
  '--advertise-client-urls=http://127.0.0.1:2379',
  '--listen-peer-urls=http://127.0.0.1:2380',
  '--log-level=warn',
  // In memory, and deleted with the cluster.
  '--unsafe-no-fsync',
];

function apiServerFlags(certificates: Certificates): string[] {
  const file = (name: string) => certificates.path(name);
  return [
    '--etcd-servers=http://127.0.0.1:2379',
    `--advertise-address=${MACHINES.control.ipv4}`,
    '--secure-port=6443',
    `--service-cluster-ip-range=${SERVICES.ipv4},${SERVICES.ipv6}`,
    '--allow-privileged=true',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--token-auth-file=${file('tokens.csv')}`,
    `--client-ca-file=${file('ca.crt')}`,
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    `--kubelet-client-certificate=${file('apiclient.crt')}`,
    `--kubelet-client-key=${file('apiclient.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${file('sa.key')}`,
    `--service-account-key-file=${file('sa.pub')}`,
  ];
}

const CONTROLLERS = [
  '--leader-elect=false',
  '--use-service-account-credentials=true',
  '--flex-volume-plugin-dir=/var/lib/flex',
  // Without them a new namespace gets its service account seconds later, and rejects pods until then.
  '--kube-api-qps=500',
  '--kube-api-burst=500',
];

function graceFlags(seconds: number | undefined): string[] {
  return seconds === undefined ? [] : [`--node-monitor-grace-period=${seconds}s`, '--node-monitor-period=1s'];
}
