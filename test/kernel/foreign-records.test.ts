import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { networkState, storedAttachments } from './lab/state';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const RECORDS_MODULE = join(__dirname, '../../cni/data-plane/attachment-record.ts');
const FOLDER = '/run/egress-router/attachments';
const UNFINISHED = '/run/egress-router/unfinished';

let scene: Scene;
let folder: string;
beforeEach(() => {
  scene = new Scene();
  folder = mkdtempSync(join(tmpdir(), 'records-'));
});
afterEach(() => {
  scene[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

function pathOfRecord(store = FOLDER): string {
  return join(store, `${scene.network}@${scene.router.containerId}@net1`);
}

function replaceRecord(command: string, path = pathOfRecord()): void {
  rmSync(path, { recursive: true, force: true });
  execFileSync('sh', ['-ec', command, path, folder]);
}

/** Changes members of the record that ADD wrote. */
function editRecord(change: (record: Record<string, unknown>) => object): void {
  const path = pathOfRecord();
  const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...record, ...change(record) }));
}

/** What may lie where a record is expected: shell commands. */
const FOREIGN: readonly (readonly [what: string, command: string])[] = [
  ['a named pipe', 'mkfifo "$0"'],
  ['an endless device', 'mknod "$0" c 1 5'],
  ['a directory with a file', 'mkdir "$0" && touch "$0/file"'],
  ['a dangling link', 'ln -s "$1/nothing" "$0"'],
  ['a link to a file', 'echo {} > "$1/file" && ln -s "$1/file" "$0"'],
  ['a socket', 'python3 -c "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])" "$0"'],
  ['a file of 100 MB', 'truncate --size 100M "$0"'],
  ['a record without members', 'echo {} > "$0"'],
  ['a truncated record', 'printf %s \'{"netns":"/run/net\' > "$0"'],
];

/** What a record may name instead of a pod's namespace: shell commands that make it, and the problem. */
const PLACES: readonly (readonly [what: string, command: string, problem: string])[] = [
  ['a namespace of another kind', `ln -s /proc/${process.pid}/ns/mnt "$0"`, 'is a file of another kind'],
  ['a link to itself', 'ln -s "$0" "$0"', 'cannot be opened (ELOOP)'],
  [
    'a socket',
    'python3 -c "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])" "$0"',
    'cannot be opened (ENXIO)',
  ],
  ['a path that is too long', 'true', 'cannot be opened (ENAMETOOLONG)'],
];
const LONG = `/${'x/'.repeat(3000)}`;

function identityOf(path: string) {
  const { dev, ino } = statSync(path);
  return { device: dev, inode: ino };
}

describeOnKernel('a foreign or broken record', ['ip', 'nft', 'python3', BUN], () => {
  test.each(FOREIGN)('does not stop DEL: %s', async (_what, command) => {
    const { router, network } = scene;
    const config = scene.config(DUAL_STACK);
    await router.add(config);
    replaceRecord(command);
    await router.del(config);
    const { links, routes, rules, table } = networkState(router.namespace);
    expect([...links, ...routes, ...table].join('\n')).not.toMatch(/net1|egress_router/);
    expect(rules.join('\n')).not.toMatch(/lookup 10[01]|unreachable/);
    expect(storedAttachments(network)).toEqual([]);
  });

  test('is collected by GC, whatever it is', async () => {
    mkdirSync(FOLDER, { recursive: true });
    const config = scene.config(DUAL_STACK, { 'cni.dev/valid-attachments': [] });
    for (const [what, command] of FOREIGN) {
      replaceRecord(command);
      const { status } = await scene.router.call('GC', config);
      expect({ what, status, left: storedAttachments(scene.network) }).toEqual({ what, status: 0, left: [] });
    }
  });

  test('is not there where a file is in the place of the folder, and does not stop DEL', () => {
    const file = join(folder, 'attachments');
    writeFileSync(file, '');
    // As the plugin does: bun's errors are not those of Node.js.
    const code = `require(${JSON.stringify(RECORDS_MODULE)}).removeRecordFile(${JSON.stringify(join(file, 'record'))})`;
    execFileSync(BUN, ['-e', code]);
    expect(existsSync(file)).toBe(true);
  });

  test('is replaced by ADD, whatever it is', async () => {
    mkdirSync(FOLDER, { recursive: true });
    const { router } = scene;
    const config = scene.config(DUAL_STACK);
    for (const [, command] of FOREIGN) {
      replaceRecord(command);
      await router.add(config);
      expect(JSON.parse(readFileSync(pathOfRecord(), 'utf8'))).toMatchObject({ netns: router.namespace.path });
      await router.del(config);
    }
  });

  test.each(PLACES)('that names %s is removed, with one line in the log', async (_what, command, problem) => {
    mkdirSync(FOLDER, { recursive: true });
    const { router, network } = scene;
    const path = join(folder, 'place');
    execFileSync('sh', ['-ec', command, path]);
    const identity = existsSync(path) ? identityOf(path) : { device: 1, inode: 1 };
    const record = { netns: command === 'true' ? LONG : path, identity: { ...identity, cookie: '1' }, previous: [] };
    const config = scene.config(DUAL_STACK, { log_level: 'error', 'cni.dev/valid-attachments': [] });
    for (const call of ['GC', 'DEL'] as const) {
      writeFileSync(pathOfRecord(), JSON.stringify(record));
      const { status, stdout, stderr } = await router.call(call, config, { netns: '' });
      expect({ call, status, stdout, left: storedAttachments(network) }).toEqual({
        call,
        status: 0,
        stdout: '',
        left: [],
      });
      const lines = stderr.trim().split('\n');
      expect(lines).toEqual([expect.stringContaining(`removing the record of net1 of ${router.containerId}: `)]);
      expect(lines[0]).toContain(problem);
      expect(await router.call(call, config, { netns: '' })).toMatchObject({ status: 0, stdout: '', stderr: '' });
    }
  });

  test('does not write settings outside of the network, and DEL restores the others', async () => {
    const { router } = scene;
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'as it was');
    const config = scene.config(DUAL_STACK);
    const before = networkState(router.namespace);
    await router.add(config);
    editRecord(({ previous }) => ({
      previous: [
        ...['../..', 'net/../../..', 'fs/../../..'].map((way) => ({
          path: `${way}${victim}`,
          value: 'changed',
          isOptional: true,
        })),
        ...(previous as unknown[]),
        { path: 'net/ipv4/ip_forward', value: 7, isOptional: true },
        null,
      ],
    }));
    await router.del(config);
    expect(readFileSync(victim, 'utf8')).toBe('as it was');
    expect(networkState(router.namespace)).toEqual(before);
  });

  test('with settings that cannot be written does not stop DEL, which restores the others', async () => {
    const { router } = scene;
    const config = scene.config(DUAL_STACK, { log_level: 'error' });
    const before = networkState(router.namespace);
    await router.add(config);
    const impossible = [
      { path: 'net/ipv4/ip_forward', value: 'perhaps' },
      { path: 'net/ipv4/no_such_setting', value: '1' },
      { path: 'net/ipv4/conf', value: '1' },
      { path: 'net/ipv4/ip_forward/x', value: '1' },
      { path: 'net/netfilter/nf_conntrack_count', value: '1' },
      { path: `net/${'x'.repeat(300)}`, value: '1' },
      { path: 'net/ipv4/tcp_congestion_control', value: 'none-of-these' },
      { path: 'net/ipv6/conf/all/stable_secret', value: 'no address' },
    ];
    editRecord(({ previous }) => ({ previous: [...(previous as unknown[]), ...impossible] }));
    const { stderr } = await router.del(config);
    expect(stderr).toContain(
      'cannot write perhaps to /proc/sys/net/ipv4/ip_forward: EINVAL: ADD has not recorded this',
    );
    expect(networkState(router.namespace)).toEqual(before);
    expect(storedAttachments(scene.network)).toEqual([]);
  });
});

describeOnKernel('what an ADD that was killed has left of its record', ['ip', 'nft', 'python3'], () => {
  test.each(FOREIGN)('or anything else in its place is not followed, and goes with DEL: %s', async (_what, command) => {
    const { router, network } = scene;
    const config = scene.config(DUAL_STACK);
    mkdirSync(UNFINISHED, { recursive: true });
    replaceRecord(command, pathOfRecord(UNFINISHED));
    const victim = join(folder, 'file');
    const before = existsSync(victim) && readFileSync(victim, 'utf8');
    await router.add(config);
    expect(storedAttachments(network)).toHaveLength(1);
    expect(JSON.parse(readFileSync(pathOfRecord(), 'utf8'))).toMatchObject({ netns: router.namespace.path });
    replaceRecord(command, pathOfRecord(UNFINISHED));
    await router.del(config);
    expect(storedAttachments(network)).toEqual([]);
    expect(existsSync(victim) && readFileSync(victim, 'utf8')).toBe(before);
  });

  test('is collected by GC, and only for its own network', async () => {
    mkdirSync(UNFINISHED, { recursive: true });
    const other = join(UNFINISHED, `other-${scene.network}@pod@net1`);
    writeFileSync(other, '{"netns"');
    try {
      writeFileSync(pathOfRecord(UNFINISHED), '{"netns"');
      const config = scene.config(DUAL_STACK, { 'cni.dev/valid-attachments': [] });
      expect(await scene.router.call('GC', config)).toMatchObject({ status: 0, stdout: '' });
      expect(existsSync(pathOfRecord(UNFINISHED))).toBe(false);
      expect(existsSync(other)).toBe(true);
    } finally {
      rmSync(other);
    }
  });
});

describeOnKernel('what belongs to another attachment', ['ip', 'nft'], () => {
  test('a namespace with the number of an earlier one keeps its router', async () => {
    const { router, network } = scene;
    const config = scene.config(DUAL_STACK);
    await router.add(config);
    // The record of a pod that ended without DEL: the kernel gives the number of its namespace out again.
    editRecord(({ identity }) => ({ identity: { ...(identity as object), cookie: '1' } }));
    await router.call('GC', { ...config, 'cni.dev/valid-attachments': [] });
    expect(storedAttachments(network)).toEqual([]);
    expect(await router.call('CHECK', config)).toMatchObject({ status: 0 });
    await router.del(config);
  });

  test('a macvlan interface of another plugin stays, also where the table is gone', async () => {
    const { router, node } = scene;
    const config = scene.config(DUAL_STACK);
    await router.add(config);
    router.namespace.run('nft', 'delete table inet egress_router');
    router.namespace.batch('link del net1');
    node.namespace.batch(`link add net1 link lan0 netns ${router.namespace.name} type macvlan mode bridge`);
    const [link] = router.namespace.ip('link', 'show', 'net1');
    await router.del(config);
    expect(router.namespace.ip('link', 'show', 'net1')).toEqual([link]);
    expect(storedAttachments(scene.network)).toEqual([]);
  });

  test('DEL removes net1 with another MAC address', async () => {
    const { router } = scene;
    const config = scene.config(DUAL_STACK);
    const before = networkState(router.namespace);
    await router.add(config);
    router.namespace.batch('link set net1 address 02:00:00:00:00:77');
    await router.del(config);
    expect(networkState(router.namespace)).toEqual(before);
  });

  test('DEL succeeds where an ordinary file is left of the path of the namespace', async () => {
    const { router, network } = scene;
    const config = scene.config(DUAL_STACK);
    const netns = join(folder, 'netns');
    writeFileSync(netns, '');
    // Not by "ip netns exec", whose mounts end with it.
    execFileSync('mount', ['--bind', router.namespace.path, netns]);
    try {
      await router.add(config, { netns });
    } finally {
      execFileSync('umount', [netns]);
    }
    await router.del(config, { netns });
    expect(storedAttachments(network)).toEqual([]);
  });
});

describeOnKernel('a router with a table of another layout', ['ip', 'nft'], () => {
  test('is removed by DEL as one of our own', async () => {
    const { router, network } = scene;
    const before = networkState(router.namespace);
    const config = scene.config(DUAL_STACK);
    await router.add(config);
    router.namespace.run('nft', 'delete table inet egress_router');
    router.namespace.run('nft', 'add table inet egress_router { comment "egress-router layout 1 interface net1"; }');
    await router.del(config);
    expect(networkState(router.namespace)).toEqual(before);
    expect(storedAttachments(network)).toEqual([]);
  });

  test('of another interface is not touched', async () => {
    const { router } = scene;
    router.namespace.run('nft', 'add table inet egress_router { comment "egress-router layout 1 interface net2"; }');
    await router.del(scene.config(DUAL_STACK));
    expect(router.namespace.run('nft', 'list tables')).toContain('egress_router');
  });
});
