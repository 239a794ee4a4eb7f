import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './lab/echo';
import { PODS, RESERVED } from './lab/layout';
import { DUAL_STACK, IPV4_ONLY } from './lab/network-config';
import { Scene } from './lab/scene';
import { networkState, storedAttachments } from './lab/state';
import { describeOnKernel } from './support/requires';

const TOOLS = ['ip', 'nft'];

/** A configuration with a reserved address of its own. */
const holding = (address: string) => ({ ...IPV4_ONLY, addresses: [`${address}/24`] });

describeOnKernel('DEL', TOOLS, () => {
  test('leaves the pod and the node as they were, and may come again', async () => {
    using scene = new Scene();
    const { router, node } = scene;
    const config = scene.config(DUAL_STACK);
    const before = [networkState(router.namespace), networkState(node.namespace)];
    await router.add(config);
    expect(storedAttachments(scene.network)).toHaveLength(1);
    for (let time = 1; time <= 3; time++) {
      expect(await router.del(config)).toMatchObject({ stdout: '' });
      expect([networkState(router.namespace), networkState(node.namespace)]).toEqual(before);
      expect(storedAttachments(scene.network)).toEqual([]);
    }
  });

  test('forwarding that was on before ADD stays on', async () => {
    using scene = new Scene();
    const { router } = scene;
    router.namespace.set({ 'ipv4/ip_forward': '1', 'ipv6/conf/all/forwarding': '1' });
    const config = scene.config(DUAL_STACK);
    await router.add(config);
    await router.del(config);
    expect(router.namespace.setting('ipv4/ip_forward')).toBe('1');
    expect(router.namespace.setting('ipv6/conf/all/forwarding')).toBe('1');
  });

  test('at the same time as ADD: the router is there whole, or gone whole', async () => {
    using scene = new Scene();
    const { router } = scene;
    const config = scene.config(DUAL_STACK);
    const without = networkState(router.namespace);
    await router.add(config);
    const withRouter = networkState(router.namespace);
    for (const delay of [0, 5, 10, 15, 20, 25]) {
      await router.del(config);
      await Promise.all([router.add(config), sleep(delay).then(() => router.del(config))]);
      const isThere = storedAttachments(scene.network).length === 1;
      // Interfaces get other numbers every time.
      const plain = (state: unknown) => JSON.stringify(state).replaceAll(/"(ifindex|index|link_index)":\d+/g, '');
      expect(plain(networkState(router.namespace))).toBe(plain(isThere ? withRouter : without));
      const { status } = await router.call('CHECK', config);
      expect(status).toBe(isThere ? 0 : 1);
      if (!isThere) await router.add(config);
    }
  });

  test('changes nothing in a pod that never was a router', async () => {
    using scene = new Scene();
    const before = networkState(scene.router.namespace);
    await scene.router.del(scene.config(DUAL_STACK));
    expect(networkState(scene.router.namespace)).toEqual(before);
  });

  test.each(['with its path', 'without any path'])('when the namespace is gone, %s', async (how) => {
    using scene = new Scene();
    const { router } = scene;
    const config = scene.config(DUAL_STACK);
    await router.add(config);
    const netns = how === 'with its path' ? router.namespace.path : '';
    router.namespace[Symbol.dispose]();
    await router.del(config, { netns });
    expect(storedAttachments(scene.network)).toEqual([]);
  });

  test('of a network with the longest name that Kubernetes allows', async () => {
    using scene = new Scene();
    const { router } = scene;
    const config = { ...scene.config(DUAL_STACK), name: scene.network.padEnd(253, 'n') };
    const call = { containerId: router.containerId.padEnd(64, '0') };
    const other = { ...config, name: `${config.name.slice(0, -1)}m` };
    const before = networkState(router.namespace);
    await router.add(config, call);
    await router.call('GC', { ...other, 'cni.dev/valid-attachments': [] });
    expect(await router.call('CHECK', config, call)).toMatchObject({ status: 0 });
    await router.call('GC', { ...config, 'cni.dev/valid-attachments': [] });
    expect(networkState(router.namespace)).toEqual(before);
    await router.add(config, call);
    await router.del(config, call);
    expect(networkState(router.namespace)).toEqual(before);
    expect(storedAttachments(scene.network)).toEqual([]);
  });

  test.each(['with its path', 'without any path'])('if the path now leads to another router, %s', async (how) => {
    using scene = new Scene();
    const { router, node } = scene;
    const path = join(mkdtempSync(join(tmpdir(), 'netns-')), 'net');
    const lead = (target: string) => {
      rmSync(path, { force: true });
      symlinkSync(target, path);
    };
    const config = scene.config(DUAL_STACK);
    lead(router.namespace.path);
    await router.add(config, { netns: path });
    router.namespace[Symbol.dispose]();
    const other = node.addPod('other', PODS.third);
    const otherConfig = scene.config(holding('192.168.12.101'));
    lead(other.namespace.path);
    await other.add(otherConfig, { netns: path });
    await router.del(config, { netns: how === 'with its path' ? path : '' });
    expect(await other.call('CHECK', otherConfig, { netns: path })).toMatchObject({ status: 0 });
    expect(storedAttachments(scene.network)).toEqual([expect.stringContaining(other.containerId)]);
    rmSync(dirname(path), { recursive: true });
  });

  test('restores forwarding after a second ADD of the same that was refused', async () => {
    using scene = new Scene();
    const { router } = scene;
    const config = scene.config(DUAL_STACK);
    const before = networkState(router.namespace);
    await router.add(config);
    router.namespace.batch('link del net1');
    expect(await router.call('ADD', config)).toMatchObject({ status: 1, json: { code: 107 } });
    await router.del(config);
    expect(networkState(router.namespace)).toEqual(before);
    expect(storedAttachments(scene.network)).toEqual([]);
  });

  test("leaves another router's table, and the interface of another plugin", async () => {
    using scene = new Scene();
    const { router } = scene;
    await router.add(scene.config(DUAL_STACK));
    router.namespace.batch('link add net2 type veth peer name peer2');
    const before = networkState(router.namespace);
    await router.del(scene.config(DUAL_STACK), { ifname: 'net2' });
    await router.del(scene.config(DUAL_STACK), { ifname: 'eth0' });
    expect(networkState(router.namespace)).toEqual(before);
    expect(await router.call('CHECK', scene.config(DUAL_STACK))).toMatchObject({ status: 0 });
  });
});

describeOnKernel('ADD', TOOLS, () => {
  test('whose result cannot be written leaves no router', async () => {
    using scene = new Scene();
    const { router } = scene;
    const before = networkState(router.namespace);
    const wrapper = ['sh', '-c', 'exec "$0" >/dev/full'];
    expect(await router.call('ADD', scene.config(DUAL_STACK), { wrapper })).toMatchObject({ status: 1 });
    expect(networkState(router.namespace)).toEqual(before);
    expect(storedAttachments(scene.network)).toEqual([]);
  });
});

describeOnKernel('GC', TOOLS, () => {
  test("removes this network's attachments that are not valid any more, and no others", async () => {
    using scene = new Scene();
    const { router, node } = scene;
    const network = (name: string, address: string) => ({ ...scene.config(holding(address)), name });
    const own = network(scene.network, '192.168.12.101');
    const stale = network(scene.network, '192.168.12.102');
    const foreign = network(scene.lab.unique('other'), '192.168.12.103');
    const gone = network(scene.network, '192.168.12.104');
    const pods = ['two', 'three', 'four'].map((name, index) =>
      node.addPod(name, { ipv4: `10.244.4.${index}`, ipv6: `fd00:10:244:4::${index}` }),
    );
    const [two, three, four] = [pods[0]!, pods[1]!, pods[2]!];
    const before = networkState(two.namespace);
    await router.add(own);
    await two.add(stale);
    await three.add(foreign);
    await four.add(gone);
    four.namespace[Symbol.dispose]();
    const valid = [{ containerID: router.containerId, ifname: 'net1' }];
    const answer = await router.call('GC', { ...own, 'cni.dev/valid-attachments': valid });
    expect(answer).toMatchObject({ status: 0, stdout: '' });
    expect(networkState(two.namespace)).toEqual(before);
    expect(storedAttachments(scene.network)).toEqual([expect.stringContaining(router.containerId)]);
    expect(await router.call('CHECK', own)).toMatchObject({ status: 0 });
    expect(await three.call('CHECK', foreign)).toMatchObject({ status: 0 });
    await three.del(foreign);
    await router.del(own);
  });
});

describeOnKernel('a path of a namespace that no longer leads to a pod', [...TOOLS, 'strace'], () => {
  test("DEL succeeds: the path now leads to the node's own namespace", async () => {
    using scene = new Scene();
    const { router, node } = scene;
    const config = scene.config(DUAL_STACK);
    await router.add(config);
    const before = networkState(node.namespace);
    router.namespace[Symbol.dispose]();
    await router.del(config, { netns: node.namespace.path });
    expect(networkState(node.namespace).table).toEqual(before.table);
    expect(storedAttachments(scene.network)).toEqual([]);
  });

  test('GC says of one attachment that it cannot be looked at, collects the others, and the next GC collects it', async () => {
    using scene = new Scene();
    const { router, node, network } = scene;
    const config = scene.config(DUAL_STACK);
    const other = node.addPod('other', { ipv4: '10.244.2.5', ipv6: 'fd00:10:244:2::5' });
    const pods = [router, other];
    const before = pods.map(({ namespace }) => networkState(namespace));
    await router.add(config);
    await other.add(scene.config(holding('192.168.12.98')));
    const none = { ...config, 'cni.dev/valid-attachments': [] };
    // The kernel has no memory at the first of them.
    const wrapper = [
      'strace',
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      'trace=setns',
      '-e',
      'inject=setns:error=ENOMEM:when=1',
    ];
    const answer = await router.call('GC', none, { wrapper });
    expect(answer).toMatchObject({ status: 1, json: { code: 11, details: expect.stringContaining('setns') } });
    expect(storedAttachments(network)).toHaveLength(1);
    expect(await router.call('GC', none)).toMatchObject({ status: 0 });
    expect(pods.map(({ namespace }) => networkState(namespace))).toEqual(before);
    expect(storedAttachments(network)).toEqual([]);
  });
});

describeOnKernel('STATUS', TOOLS, () => {
  test('is green on a node that can serve, and leaves nothing', async () => {
    using scene = new Scene();
    const before = networkState(scene.node.namespace);
    const answer = await scene.router.call('STATUS', scene.config(DUAL_STACK));
    expect(answer).toMatchObject({ status: 0, stdout: '' });
    expect(networkState(scene.node.namespace)).toEqual(before);
  });

  test('names what is missing', async () => {
    using scene = new Scene();
    const config = scene.config(DUAL_STACK, { interfaceArgs: { master: 'nic7' } });
    const answer = await scene.router.call('STATUS', config);
    expect(answer).toMatchObject({ status: 1, json: { code: 50, msg: expect.stringContaining('nic7') } });
  });
});

describeOnKernel('10,000 rules', TOOLS, () => {
  test('load in one ADD, the last one works, and CHECK compares them all', async () => {
    using scene = new Scene();
    await scene.serve();
    const destinations = Array.from({ length: 10_000 }, (_, index) => `${index + 1} TCP 203.0.113.26 80`);
    const config = scene.config({ ...IPV4_ONLY, destinations });
    await scene.router.add(config);
    const reply = await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 10000`);
    expect(reply).toMatchObject({ peer: RESERVED.ipv4 });
    expect(await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 10001`)).toEqual({ error: 'ECONNREFUSED' });
    expect(await scene.router.call('CHECK', config)).toMatchObject({ status: 0 });
    scene.router.namespace.run('nft', 'delete element inet egress_router redirect4 { tcp . 7777 }');
    const answer = await scene.router.call('CHECK', config);
    expect(answer.json.details).toMatch(/^element redirect4 \{ tcp \. 7777 .*\} is missing$/);
    await scene.router.del(config);
  });
});
