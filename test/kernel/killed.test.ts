import { readFileSync, rmSync } from 'node:fs';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { networkState, storedAttachments } from './lab/state';
import { describeOnKernel } from './support/requires';

/** One system call of a run: the so-many-th of its name. */
interface CallPoint {
  readonly name: string;
  readonly ordinal: number;
}

/**
 * The calls by which ADD meets the world outside of its process. To be killed at any other call is to be killed at the
 * next of these.
 */
const NAMES = [
  'socket',
  'bind',
  'setns',
  'sendto',
  'recvfrom',
  'poll',
  'openat',
  'write',
  'mkdir',
  'ftruncate',
  'exit_group',
];

/** Those whose number depends on how fast the machine is. */
const WAITS = ['poll', 'recvfrom'];

/** The calls of ADD's main thread, from its first netlink socket on: nothing is changed before. */
async function callPoints(scene: Scene): Promise<CallPoint[]> {
  const file = `/tmp/${scene.lab.unique('strace')}`;
  const wrapper = ['strace', '-f', '-qq', '-o', file, '-e', `trace=execve,${NAMES.join(',')}`];
  const config = careful(scene);
  try {
    await scene.router.add(config, { wrapper });
    await scene.router.del(config);
    return points(readFileSync(file, 'utf8').split('\n'));
  } finally {
    rmSync(file, { force: true });
  }
}

function points(lines: readonly string[]): CallPoint[] {
  const main = lines[0]!.split(' ')[0]!;
  const counts = new Map<string, number>();
  const found: CallPoint[] = [];
  for (const line of lines) {
    // A call that another thread interrupted has a second line, which begins with `<...`.
    const [, thread, name, rest] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? [];
    if (thread !== main || name === undefined || name === 'execve') continue;
    const ordinal = (counts.get(name) ?? 0) + 1;
    counts.set(name, ordinal);
    if (found.length > 0 || (name === 'socket' && rest!.startsWith('AF_NETLINK'))) found.push({ name, ordinal });
  }
  return found;
}

const careful = (scene: Scene) => scene.config(DUAL_STACK, { detectConflicts: true });

/** An ADD waits for answers most of its time: so many labs side by side take as long as one. */
const LABS = 4;

/** What a lab holds of its router. */
const state = ({ router, node, network }: Scene) => ({
  pod: networkState(router.namespace),
  node: networkState(node.namespace),
  stored: storedAttachments(network),
});

/** Kills ADD at that call, and expects DEL to leave nothing. @returns whether it was killed */
async function kill(scene: Scene, { name, ordinal }: CallPoint, before: object): Promise<boolean> {
  const { router } = scene;
  const config = careful(scene);
  const inject = `inject=${name}:signal=SIGKILL:when=${ordinal}`;
  const wrapper = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${name}`, '-e', inject];
  const { signal } = await router.call('ADD', config, { wrapper });
  const removed = await router.call('DEL', config);
  expect({ name, ordinal, ...removed }).toMatchObject({ name, ordinal, status: 0, stdout: '' });
  expect({ name, ordinal, ...state(scene) }).toEqual({ name, ordinal, ...before });
  return signal === 'SIGKILL';
}

describeOnKernel('an ADD that is killed', ['ip', 'nft', 'strace'], () => {
  const scenes: Scene[] = [];
  beforeAll(() => {
    for (let count = 1; count <= LABS; count++) scenes.push(new Scene());
  });
  afterAll(() => {
    for (const scene of scenes) scene[Symbol.dispose]();
  });

  test('at any system call: DEL takes everything away, and the next ADD works', async () => {
    const before = state(scenes[0]!);
    // On a busy machine ADD waits more often in one run than in another: those waits exist in no later run.
    const recorded = [await callPoints(scenes[0]!), await callPoints(scenes[0]!)];
    const [calls] = recorded.sort((one, other) => one.length - other.length) as [CallPoint[]];
    expect(calls.length).toBeGreaterThan(50);
    expect(state(scenes[0]!)).toEqual(before);
    const pending = [...calls];
    const survived: CallPoint[] = [];
    const killAll = async (scene: Scene) => {
      const clean = state(scene);
      for (let call = pending.shift(); call !== undefined; call = pending.shift()) {
        if (!(await kill(scene, call, clean))) survived.push(call);
      }
      await scene.router.add(careful(scene));
      expect(await scene.router.call('CHECK', careful(scene))).toMatchObject({ status: 0 });
      await scene.router.del(careful(scene));
    };
    await Promise.all(scenes.map(killAll));
    // The runtime's own calls differ a little from run to run, and how often ADD waits is the machine's business.
    const others = ({ name }: CallPoint) => !WAITS.includes(name);
    expect(survived.filter(others).length).toBeLessThan(calls.filter(others).length / 10);
  }, 240_000);

  test('and whose DEL was killed as well', async () => {
    const [scene] = scenes as [Scene];
    const { router, network } = scene;
    const config = scene.config(DUAL_STACK);
    const before = networkState(router.namespace);
    for (let ordinal = 1; ordinal <= 60; ordinal++) {
      await router.add(config);
      const inject = `inject=sendto:signal=SIGKILL:when=${ordinal}`;
      const wrapper = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=sendto', '-e', inject];
      const { signal, status } = await router.call('DEL', config, { wrapper });
      if (signal !== 'SIGKILL') expect(status).toBe(0);
      await router.del(config);
      expect({ ordinal, ...networkState(router.namespace) }).toEqual({ ordinal, ...before });
      expect(storedAttachments(network)).toEqual([]);
      if (signal !== 'SIGKILL') return;
    }
    throw new Error('DEL has more than 60 requests');
  });
});
