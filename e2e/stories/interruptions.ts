import { inService, type Service } from '../service';
import type { Story } from '../story';
import type { World } from '../world';

interface Interruption {
  readonly name: string;
  /** Whether it is told with `--full` only. */
  readonly isLong?: boolean;
  readonly what: string;
  /** What it does to a router in service; returns when that is over. */
  readonly disturb: (world: World, service: Service) => Promise<void> | void;
  /** No answer for so many seconds is too long, on the busiest machine. */
  readonly seconds: number;
}

function tellInterruption({ name, isLong, what, disturb, seconds }: Interruption): Story {
  return {
    name,
    isLong,
    needsPower: true,
    async tell(world) {
      const service = await inService(world);
      const start = Date.now();
      await disturb(world, service);
      await world.rolledOut(service.namespace, 'partner');
      await service.asker.answered(Date.now());
      const gap = service.asker.longestGap(start);
      world.measurements.seconds(name, `${what}: longest time without an answer`, gap);
      expect(gap).toBeLessThan(seconds * 1000);
      // Whom the switch hears with the router's MAC: one port after the other, none twice.
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
    seconds: 60,
    disturb: ({ kubectl }, { namespace }) => {
      kubectl.run(['rollout', 'restart', `--namespace=${namespace}`, 'deployment/partner']);
    },
  },
  {
    name: 'drain',
    what: 'kubectl drain of the node',
    seconds: 60,
    disturb: async (world, { namespace, router }) => {
      const node = router.spec.nodeName!;
      const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=120s'];
      world.kubectl.run(['drain', node, ...flags]);
      const next = await world.rolledOut(namespace, 'partner');
      expect(next.spec.nodeName).not.toBe(node);
      world.kubectl.run(['uncordon', node]);
    },
  },
  {
    name: 'kubelet restart',
    what: 'kubelet of the node stopped for 5 s',
    seconds: 5,
    disturb: async (world, { router }) => {
      const { kubelet, name } = world.nodeOf(router);
      await kubelet.stop();
      await world.pause(5000);
      kubelet.start();
      await world.until(`${name} is ready`, () => world.cluster.isReady(name));
    },
  },
  {
    name: 'containerd restart',
    what: 'containerd of the node stopped for 5 s',
    seconds: 5,
    disturb: async (world, { router }) => {
      const worker = world.nodeOf(router);
      await worker.containerd.stop();
      await world.pause(5000);
      worker.containerd.start();
      await world.until('containerd answers', () => worker.ctr('version'));
      await world.until(`${worker.name} is ready`, () => world.cluster.isReady(worker.name));
    },
  },
  {
    name: 'API server gone',
    // Controllers come back minutes later than it.
    isLong: true,
    what: 'API server stopped for 60 s',
    seconds: 5,
    disturb: async (world) => {
      const { apiServer } = world.cluster.controlPlane;
      await apiServer.stop('SIGKILL');
      await world.pause(60_000);
      apiServer.start();
      await world.until('the API server is ready', () => world.kubectl.run(['get', '--raw', '/readyz']));
    },
  },
  {
    name: 'rollout restart while the API answers slowly',
    isLong: true,
    what: 'kubectl rollout restart, the API server at a third of its time',
    seconds: 60,
    disturb: async (world, { namespace }) => {
      const { apiServer } = world.cluster.controlPlane;
      const restart = world.kubectl.start(['rollout', 'restart', `--namespace=${namespace}`, 'deployment/partner']);
      const until = Date.now() + 20_000;
      try {
        while (Date.now() < until) {
          apiServer.signal('SIGSTOP');
          await world.pause(1000);
          apiServer.signal('SIGCONT');
          await world.pause(500);
        }
      } finally {
        apiServer.signal('SIGCONT');
      }
      expect(restart.exitCode).toBe(0);
    },
  },
  {
    name: 'pod deleted with force',
    isLong: true,
    what: 'kubectl delete pod --force',
    seconds: 60,
    disturb: ({ kubectl }, { namespace, router }) => {
      const words = [`--namespace=${namespace}`, router.metadata.name, '--force', '--grace-period=0'];
      kubectl.run(['delete', 'pod', ...words]);
    },
  },
];

export const interruptions: readonly Story[] = INTERRUPTIONS.map(tellInterruption);
