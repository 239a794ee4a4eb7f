import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { DUAL_STACK } from '../lab/network-config';
import type { ProcessPlace } from '../lab/process-place';
import { Scene } from '../lab/scene';
import { storedAttachments } from '../lab/state';
import { describeOnKernel } from '../support/requires';

const LOCKS = '/run/egress-router/namespace-locks';

/** Locks a file as an unprivileged process, and prints that it has. */
const LOCK = (file: string) => [
  ...['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', 'perl', '-e'],
  `open(F, "<", "${file}") or die $!; flock(F, 2); $| = 1; print "locked\\n"; sleep 60`,
];

/** Holds the plugin's own lock of a namespace, as root. */
const HOLD = (inode: number) => [
  ...['perl', '-e'],
  `open(F, "+<", "${LOCKS}") or die $!; my $lock = pack("ssx4qqlx4", 1, 0, ${inode}, 1, 0);
   fcntl(F, 37, $lock) or die $!; $| = 1; print "locked\\n"; sleep 60`,
];

async function started(place: ProcessPlace, words: readonly string[]): Promise<Disposable> {
  const child = place.start(words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    (child.stdout as Readable).once('data', resolve);
    child.once('exit', (status) => reject(new Error(`${words.join(' ')}: exit status ${status}`)));
  });
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

describeOnKernel('a locked namespace', ['ip', 'nft', 'perl', 'setpriv'], () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });
  afterEach(() => scene[Symbol.dispose]());

  test('is used all the same if an unprivileged process of the pod locked its file', async () => {
    const { router, network } = scene;
    const config = scene.config(DUAL_STACK);
    using _holder = await started(router.namespace, LOCK('/proc/self/ns/net'));
    await router.add(config);
    expect(await router.call('CHECK', config)).toMatchObject({ status: 0 });
    await router.del(config);
    await router.add(config);
    expect(await router.call('GC', { ...config, 'cni.dev/valid-attachments': [] })).toMatchObject({ status: 0 });
    expect(storedAttachments(network)).toEqual([]);
  });

  test('has a lock that an unprivileged process does not get', async () => {
    const { router } = scene;
    await router.add(scene.config(DUAL_STACK));
    const { status, stderr } = router.namespace.try(LOCK(LOCKS));
    expect(status).not.toBe(0);
    expect(stderr).toContain('Permission denied');
  });

  test('ends CHECK with error 11 if another call of the plugin does not end, and does not stop other pods', async () => {
    const { router, node } = scene;
    const config = scene.config(DUAL_STACK);
    await router.add(config);
    const { ino } = statSync(router.namespace.path);
    using _holder = await started(node.namespace, HOLD(ino));
    const other = node.addPod('other', { ipv4: '10.244.9.1', ipv6: 'fd00:10:244:9::1' });
    const free = other.call('DEL', config).then(({ status }) => ({ status, at: performance.now() }));
    const answer = await router.call('CHECK', config);
    const at = performance.now();
    expect(answer).toMatchObject({ status: 1, json: { code: 11 } });
    expect(answer.json.msg).toBe(
      `network namespace ${router.namespace.path} is in use by another call of the plugin (waited 30 s)`,
    );
    expect((await free).status).toBe(0);
    expect((await free).at).toBeLessThan(at);
  });
});
