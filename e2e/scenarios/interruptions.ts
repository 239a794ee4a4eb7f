import type { Environment } from '../environment';
import type { Scenario } from '../scenario';
import { inService, type Service } from '../service';

interface Interruption {
  readonly name: string;
  /** Whether it runs only with `--full`. */
  readonly isLong?: boolean;
  readonly what: string;
  /** The interruption of a router in service; returns when it is over. */
  readonly disturb: (environment: Environment, service: Service) => Promise<void> | void;
  /** Whether the router's pod stays, and each request is answered. */
  readonly staysInService: boolean;
}

function interruptionScenario({ name, isLong, what, disturb, staysInService }: Interruption): Scenario {
  return {
    name,
    isLong,
    needsOwnCluster: true,
    async run(environment) {
      const service = await inService(environment);
      const start = Date.now();
      await disturb(environment, service);
      const router = await environment.rolledOut(service.namespace, 'partner');
      await service.asker.answered(Date.now());
      const gap = service.asker.longestGap(start);
      environment.measurements.seconds(name, `${what}: longest time without an answer`, gap);
      if (staysInService) {
        expect(router.metadata.uid).toBe(service.router.metadata.uid);
        expect(service.asker.errors(start)).toEqual([]);
      } else expect(router.metadata.uid).not.toBe(service.router.metadata.uid);
      // The switch learns the router's MAC on one port after the other, on none twice.
      const turns = service.ports.turns();
      expect(turns).toEqual([...new Set(turns)]);
      await service.ports.stop();
    },
  };
}

const INTERRUPTIONS: readonly Interruption[] = [
  {
    name: 'rollout restart',
    what: 'kubectl rollout restart',
    staysInService: false,
    disturb: ({ kubectl }, { namespace }) => {
      kubectl.run(['rollout', 'restart', `--namespace=${namespace}`, 'deployment/partner']);
    },
  },
  {
    name: 'drain',
    what: 'kubectl drain of the node',
    staysInService: false,
    disturb: async (environment, { namespace, router }) => {
      const node = router.spec.nodeName!;
      const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=120s'];
      environment.kubectl.run(['drain', node, ...flags]);
      const next = await environment.rolledOut(namespace, 'partner');
      expect(next.spec.nodeName).not.toBe(node);
      environment.kubectl.run(['uncordon', node]);
    },
  },
  {
    name: 'kubelet restart',
    what: 'kubelet of the node stopped for 5 s',
    staysInService: true,
    disturb: async (environment, { router }) => {
      const { kubelet, name } = environment.nodeOf(router);
      await kubelet.stop();
      await environment.pause(5000);
      kubelet.start();
      await environment.until(`${name} is ready`, () => environment.cluster.isReady(name));
    },
  },
  {
    name: 'containerd restart',
    what: 'containerd of the node stopped for 5 s',
    staysInService: true,
    disturb: async (environment, { router }) => {
      const worker = environment.nodeOf(router);
      await worker.containerd.stop();
      await environment.pause(5000);
      worker.containerd.start();
      await environment.until('containerd answers', () => worker.ctr('version'));
      await environment.until(`${worker.name} is ready`, () => environment.cluster.isReady(worker.name));
    },
  },
  {
    name: 'API server gone',
    // Controllers recover minutes later.
    isLong: true,
    what: 'API server stopped for 60 s',
    staysInService: true,
    disturb: async (environment) => {
      const { apiServer } = environment.cluster.controlPlane;
      await apiServer.stop('SIGKILL');
      await environment.pause(60_000);
      apiServer.start();
      await environment.until('the API server is ready', () => environment.kubectl.run(['get', '--raw', '/readyz']));
    },
  },
  {
    name: 'rollout restart while the API answers slowly',
    isLong: true,
    what: 'kubectl rollout restart, the API server at a third of its time',
    staysInService: false,
    disturb: async (environment, { namespace }) => {
      const { apiServer } = environment.cluster.controlPlane;
      const restart = environment.kubectl.start([
        'rollout',
        'restart',
        `--namespace=${namespace}`,
        'deployment/partner',
      ]);
      const until = Date.now() + 20_000;
      try {
        while (Date.now() < until) {
          apiServer.signal('SIGSTOP');
          await environment.pause(1000);
          apiServer.signal('SIGCONT');
          await environment.pause(500);
        }
      } finally {
        apiServer.signal('SIGCONT');
      }
      await environment.until('the restart is accepted', () => restart.exitCode !== null, 60);
      expect(restart.exitCode).toBe(0);
    },
  },
  {
    name: 'pod deleted with force',
    isLong: true,
    what: 'kubectl delete pod --force',
    staysInService: false,
    disturb: ({ kubectl }, { namespace, router }) => {
      const words = [`--namespace=${namespace}`, router.metadata.name, '--force', '--grace-period=0'];
      kubectl.run(['delete', 'pod', ...words]);
    },
  },
];

export const interruptions: readonly Scenario[] = INTERRUPTIONS.map(interruptionScenario);
