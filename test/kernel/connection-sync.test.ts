import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { heldMark } from '../../src/domain/data-plane/held-mark';
import { Conversation, startLinesServer } from './lab/conversation';
import { RESERVED } from './lab/layout';
import { DUAL_STACK } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Pod } from './lab/pod';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { LateServer } from './support/late-server';
import {
  addConnectedNode,
  type ListedConnection,
  leadService,
  listConnections,
  moveConnections,
  routeTo,
  SERVICE,
} from './support/moved-service';
import { BUN } from './support/packet-lan';
import { describeOnKernel } from './support/requires';
import { SyncPod } from './support/sync-pod';

const PACKET_DRIVER = join(__dirname, 'support/packet-driver.ts');
const KEY = randomBytes(32).toString('hex');
const OTHER_POD = { ipv4: '10.244.2.5', ipv6: 'fd00:10:244:2::5' };

/** Two pods of a pair on two nodes, and a client of their Service on the first. */
class PairScene implements Disposable {
  private constructor(
    public readonly scene: Scene,
    public readonly config: PluginConfig,
    public readonly holder: SyncPod,
    public readonly standby: SyncPod,
  ) {}

  public static async make(standbyKeys: readonly string[] = [KEY]): Promise<PairScene> {
    const scene = new Scene();
    try {
      const { router, client, lab } = scene;
      const config = scene.config(DUAL_STACK);
      const node = addConnectedNode(lab, [router, client]);
      const second = node.addPod('second', OTHER_POD);
      routeTo(scene.node.namespace, second, node);
      leadService(scene.node.namespace, router);
      await second.add(config);
      const standby = await SyncPod.start(second, config, standbyKeys);
      await standby.link('listening');
      await router.add(config);
      const holder = await SyncPod.start(router, config, [KEY]);
      return new PairScene(scene, config, holder, standby);
    } catch (error) {
      scene[Symbol.dispose]();
      throw error;
    }
  }

  /** The pod of the holder, and its address, are no more. */
  public async powerOff(): Promise<void> {
    await this.holder.kill();
    this.holder.pod.namespace.batch('link set net1 down', 'link set eth0 down');
  }

  /** The standby has the address. */
  public async move(): Promise<void> {
    await this.standby.link('held');
    for (const address of [RESERVED.ipv4, RESERVED.ipv6]) {
      this.standby.pod.namespace.run(BUN, PACKET_DRIVER, 'announce', 'net1', address, '1', '0');
    }
    moveConnections(this.scene.node.namespace, this.standby.pod);
  }

  public talk(service: 'tcp' | 'udp', family: 'ipv4' | 'ipv6', port: number): Promise<Conversation> {
    return Conversation.open(this.scene.client.namespace, `${service} ${SERVICE[family]} ${port}`);
  }

  public connections({ pod }: SyncPod): ListedConnection[] {
    return clients(pod);
  }

  public [Symbol.dispose](): void {
    this.scene[Symbol.dispose]();
  }
}

/** Connections of a pod's clients. */
function clients({ namespace, ipv4, ipv6 }: Pod): ListedConnection[] {
  return listConnections(namespace, ipv4, ipv6).filter(({ mark }) => mark !== 0);
}

/** What a takeover makes of them: the pod's own address, and marks as given. */
function as({ ipv4, ipv6 }: Pod, connections: readonly ListedConnection[], mark = heldMark): ListedConnection[] {
  return connections
    .map((each) => ({
      ...each,
      destination: each.destination.includes(':') ? ipv6 : ipv4,
      mark: mark(each.mark),
    }))
    .sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
}

const SERVERS = {
  ipv4: { http: 'tcp 203.0.113.26 80', dns: 'udp 203.0.113.25 80', https: 'tcp 203.0.113.26 443' },
  ipv6: { http: 'tcp 2001:db8:113::26 80', dns: 'udp 2001:db8:113::25 80', https: 'tcp 2001:db8:113::26 443' },
} as const;

describeOnKernel('the open connections of a pair', ['ip', 'nft', 'conntrack', 'python3', BUN], () => {
  test.each(['ipv4', 'ipv6'] as const)('live on at the standby, with the same source port, %s', async (family) => {
    using pair = await PairScene.make();
    const { holder, standby, scene } = pair;
    const { http, dns, https } = SERVERS[family];
    await startLinesServer(scene.server, http, dns);
    const server = await LateServer.start(scene.server, https);
    await holder.serve();
    await standby.follow(holder.pod.ipv4);

    const busy = await pair.talk('tcp', family, 8080);
    const idle = await pair.talk('tcp', family, 8080);
    const flow = await pair.talk('udp', family, 80);
    const listening = await pair.talk('tcp', family, 8443);
    const conversations = [busy, idle, flow];
    const answers = [];
    for (const each of conversations) answers.push(await each.ask());
    await server.peer();
    await standby.synced(4);

    const before = pair.connections(holder);
    expect(before).toHaveLength(4);
    await pair.powerOff();
    expect(await standby.take()).toEqual({ injected: 4, existing: 0, withoutRule: 0, refused: 0 });
    // The peer for truth is what conntrack-tools print.
    expect(pair.connections(standby)).toEqual(as(standby.pod, before));
    await pair.move();

    const heard = server.send('later');
    for (const [index, each] of conversations.entries()) expect(await each.ask()).toBe(answers[index]);
    await listening.hears('later');
    expect(await heard).toBe('silence');
    expect([busy, idle, listening].flatMap(({ log }) => log)).not.toContainEqual(expect.stringMatching(/error|closed/));
    listening.send('thanks');
    const spoken = (mark: number) => mark;
    await eventually(() => expect(pair.connections(standby)).toEqual(as(standby.pod, before, spoken)));
  });
});
