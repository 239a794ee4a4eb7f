import { join } from 'node:path';
import { MACHINES } from './cluster/addresses';
import type { Daemon } from './cluster/daemon';
import { findProgram } from './cluster/programs';
import type { Worker } from './cluster/worker';
import type { Environment } from './environment';

/** The service account's folder in a pod, which the agent requires. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const NAME = 'network-policies';
const QUEUE = '100';
/**
 * Selects the agent's packets by iptables. The agent itself uses an nf_tables expression that older kernels lack.
 */
const RULE = ['FORWARD', '-m', 'conntrack', '--ctstate', 'NEW', '-j', 'NFQUEUE', '--queue-num', QUEUE];
const TABLES = ['iptables-legacy', 'ip6tables-legacy'];

/** On every node, a program that enforces NetworkPolicies: kube-network-policies of Kubernetes' network group. */
export class PolicyAgents implements AsyncDisposable {
  private constructor(
    private readonly workers: readonly Worker[],
    private readonly daemons: readonly Daemon[],
  ) {}

  public static async start(environment: Environment): Promise<PolicyAgents> {
    const { workers } = environment.cluster;
    const account = serviceAccount(environment);
    const program = join(findProgram(NAME), 'cmd');
    const daemons = workers.map(({ machine, name, logs }) => {
      for (const [file, content] of Object.entries(account)) machine.write(`${ACCOUNT}/${file}`, content);
      const variables = [`KUBERNETES_SERVICE_HOST=${MACHINES.control.ipv4}`, 'KUBERNETES_SERVICE_PORT=6443'];
      const flags = [`--hostname-override=${name}`, `--nfqueue-id=${QUEUE}`, '--disable-nri'];
      const words = ['env', ...variables, program, ...flags];
      const daemon = machine.daemon(NAME, words, join(logs, `${NAME}.log`));
      daemon.start();
      for (const table of TABLES) machine.run(table, '--insert', ...RULE);
      return daemon;
    });
    const agents = new PolicyAgents(workers, daemons);
    await environment.until('every agent listens to its queue', () =>
      workers.every(({ machine }) => machine.run('cat', '/proc/net/netfilter/nfnetlink_queue').trim() !== ''),
    );
    return agents;
  }

  public async [Symbol.asyncDispose](): Promise<void> {
    for (const { machine } of this.workers) for (const table of TABLES) machine.run(table, '--delete', ...RULE);
    for (const daemon of this.daemons) await daemon.stop('SIGKILL');
  }
}

/** May read everything. @returns files by their names */
function serviceAccount({ kubectl }: Environment): Readonly<Record<string, string>> {
  const metadata = { name: NAME, namespace: 'kube-system' };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: NAME },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
  kubectl.apply([account, binding].map((object) => JSON.stringify(object)).join('\n---\n'));
  const { data } = kubectl.get<{ data: Record<string, string> }>(
    'configmap',
    'kube-root-ca.crt',
    '--namespace=kube-system',
  );
  return {
    'ca.crt': data['ca.crt']!,
    token: kubectl.run(['create', 'token', NAME, '--namespace=kube-system']).trim(),
    namespace: metadata.namespace,
  };
}
