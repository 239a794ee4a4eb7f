import { Random } from './random';
import { type Pod, World } from './world';

/** What happens to a pod, its node or the networks. Some faults heal after some milliseconds. */
const FAULTS: Readonly<Record<string, (world: World, pod: Pod, random: Random, ms: number) => void>> = {
  'LAN cable': (world, pod, _random, ms) => cut(world, pod, ms, 'lanCable'),
  'cluster cable': (world, pod, _random, ms) => cut(world, pod, ms, 'clusterCable'),
  'both cables': (world, pod, _random, ms) => cut(world, pod, ms, 'lanCable', 'clusterCable'),
  'both cables of a stalled process': (world, pod, random, ms) => {
    pod.stalledUntil = world.now + random.between(50, 1000);
    cut(world, pod, ms, 'lanCable', 'clusterCable');
  },
  'way to the API server': (world, pod, _random, ms) => cut(world, pod, ms, 'apiWay'),
  'frozen node': (world, pod, _random, ms) => world.freeze(pod, ms),
  'stalled process': (world, pod, _random, ms) => {
    pod.stalledUntil = world.now + ms;
  },
  'killed process': (world, pod, _random, ms) => {
    world.killProcess(pod);
    world.after(ms, () => world.startProcess(pod));
  },
  'power-off': (world, pod, random) => {
    if (world.alive().length < 2) return;
    world.powerOff(pod);
    world.after(random.between(500, 3000), () => world.addPod());
  },
  deletion: (world, pod) => {
    world.event(pod, { kind: 'terminate' });
    world.after(1500, () => {
      world.powerOff(pod);
      world.addPod();
    });
  },
  gateway: (world, _pod, _random, ms) => {
    world.gateway = false;
    world.after(ms, () => {
      world.gateway = true;
    });
  },
  'API server': (world, _pod, _random, ms) => {
    world.api = false;
    world.after(ms, () => {
      world.api = true;
    });
  },
  'refused link': (world, pod) => world.event(pod, { kind: 'link-refused' }),
};

/** Milliseconds of the longest of a fault's orders of magnitude. */
const LONGEST_MS = [150, 500, 1500, 4000];

/** Milliseconds: a pair is formed, faults happen, and the last of them has been healed for long. */
const FORMED_MS = 1500;
const FAULTS_MS = 2500;
const SETTLED_MS = 24_000;

/**
 * A pair to which faults happen at random.
 *
 * @param seed decides the whole schedule
 * @param settles whether to wait until the pair has settled
 */
export function schedule(seed: number, settles: boolean, traces = false): World {
  const random = new Random(seed);
  const weather = { clusterLoss: random.pick([0, 0, 0.05, 0.3]), slowBeats: random.pick([0, 0.05, 0.2]) };
  const world = new World(random, weather, traces);
  world.addPod();
  world.after(random.between(0, 100), () => world.addPod());
  world.run(FORMED_MS);
  if (random.chance(0.4)) cutTogether(world, random);
  const faults = 1 + Math.floor(random.next() * 4);
  for (let count = 0; count < faults; count += 1) world.after(random.between(0, FAULTS_MS), () => fault(world, random));
  world.run(settles ? SETTLED_MS : FORMED_MS + FAULTS_MS + 2000);
  return world;
}

/** Makes a pair, and does something to it. */
export function pairAfter(seed: number, happens: (world: World, holder: Pod, standby: Pod) => void, ms = 6000): World {
  const world = new World(new Random(seed), { clusterLoss: 0, slowBeats: 0 }, true);
  world.addPod();
  world.addPod();
  world.run(FORMED_MS);
  const [holder] = world.speakers();
  happens(world, holder!, world.pods.find((pod) => pod !== holder)!);
  world.run(FORMED_MS + ms);
  return world;
}

function fault(world: World, random: Random): void {
  const pod = random.pick(world.alive());
  const name = random.pick(Object.keys(FAULTS));
  const ms = random.between(50, random.pick(LONGEST_MS));
  world.say(pod, `fault: ${name}, ${ms.toFixed(0)} ms`);
  FAULTS[name]!(world, pod, random, ms);
}

/** Cuts of both pods that overlap: each takes the other's silence for its own. */
function cutTogether(world: World, random: Random): void {
  for (const pod of world.pods) {
    const ms = random.between(100, 700);
    world.after(random.between(0, 400), () => cut(world, pod, ms, 'lanCable', 'clusterCable'));
  }
}

function cut(world: World, pod: Pod, ms: number, ...ways: ('lanCable' | 'clusterCable' | 'apiWay')[]): void {
  for (const way of ways) pod[way] = false;
  world.after(ms, () => {
    for (const way of ways) pod[way] = true;
  });
}
