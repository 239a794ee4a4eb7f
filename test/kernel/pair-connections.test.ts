import { Conversation, startLinesServer } from './lab/conversation';
import { DUAL_STACK, IPV4_ONLY } from './lab/network-config';
import { eventually } from './support/eventually';
import { LateServer } from './support/late-server';
import { leadService, moveConnections, SERVICE } from './support/moved-service';
import { type PairPod, PairScene } from './support/pair-scene';
import { describeOnKernel } from './support/requires';

describeOnKernel('the open connections of a pair', ['ip', 'nft', 'openssl', 'curl', 'conntrack', 'python3'], () => {
  const knows = (pod: PairPod, connections: number) =>
    eventually(
      () => expect(pod.metrics()).toMatch(new RegExp(`^egress_router_sync_connections ${connections}$`, 'm')),
      10_000,
    );

  test('live on when the holder loses power, and when the address moves back', async () => {
    using pair = new PairScene(DUAL_STACK);
    const { server } = pair.scene;
    await pair.start(() => startLinesServer(server, 'tcp 203.0.113.26 80', 'udp 203.0.113.25 80'));
    const [first, second] = pair.pods;
    const client = pair.addClient();
    leadService(client.node, first.pod);
    const late = await LateServer.start(server, 'tcp 203.0.113.26 443');
    const busy = await Conversation.open(client.pod, `tcp ${SERVICE.ipv4} 8080`);
    const flow = await Conversation.open(client.pod, `udp ${SERVICE.ipv4} 80`);
    const listening = await Conversation.open(client.pod, `tcp ${SERVICE.ipv4} 8443`);
    const answers = [await busy.ask(), await flow.ask()];
    await late.peer();
    await knows(second, 3);

    pair.powerOff(first);
    await second.becomes('holder');
    moveConnections(client.node, second.pod);
    const heard = late.send('later');
    expect([await busy.ask(), await flow.ask()]).toEqual(answers);
    await listening.hears('later');
    expect(await heard).toBe('silence');
    listening.send('thanks');
    expect(second.metrics()).toMatch(/^egress_router_sync_injected_total 3$/m);

    pair.cables(first, 'up', 'lan0', 'cl0');
    first.start();
    await first.becomes('standby', 2);
    await knows(first, 3);
    second.signal('SIGTERM');
    await first.becomes('holder', 2);
    moveConnections(client.node, first.pod);
    expect([await busy.ask(), await flow.ask()]).toEqual(answers);
    const again = late.send('and again');
    await listening.hears('and again');
    // What its client had said before.
    expect(await again).toBe('thanks');
    const metrics = first.metrics();
    expect(metrics).toMatch(/^egress_router_sync_injected_total 3$/m);
    expect(metrics).toMatch(/^egress_router_sync_lost_total 0$/m);
    expect([busy, listening].flatMap(({ log }) => log)).not.toContainEqual(expect.stringMatching(/error|closed/));
  });

  test('are known to a standby that is ready', async () => {
    using pair = new PairScene(IPV4_ONLY);
    await pair.start();
    const [first, second] = pair.pods;
    expect(second.readyz()).toMatch(/^\[\+\]sync ok$/m);
    expect(first.metrics()).toMatch(/^egress_router_sync_standbys 1$/m);
    expect(second.metrics()).toMatch(/^egress_router_sync_lag_seconds 0\.\d+$/m);
    first.signal('SIGSTOP');
    await eventually(() => expect(second.readyz()).toMatch(/^\[!\]sync .*the holder has not said for/m));
    first.signal('SIGCONT');
    await eventually(() => expect(second.readyz()).toMatch(/^\[\+\]sync ok$/m));
  });
});
