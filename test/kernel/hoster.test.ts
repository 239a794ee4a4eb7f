import { Capture } from './lab/capture';
import { ask } from './lab/echo';
import { IPV6_RULES, OKD_RULES } from './lab/network-config';
import { Scene } from './lab/scene';
import { fromNode } from './support/doctor';
import { eventually } from './support/eventually';
import { describeOnKernel, PLUGIN } from './support/requires';

/** As a hoster gives them for a virtual MAC address: single addresses, and gateways in no subnet of theirs. */
const OWN = { ipv4: '198.51.100.7', ipv6: '2001:db8:aa::7' };
const GATEWAY = { ipv4: '192.0.2.1', ipv6: '2001:db8:bb::1' };
/** Of a network card with a long predictable name. */
const ALTERNATIVE = `enp${'0'.repeat(123)}`.slice(0, 127);

const IP = {
  addresses: [`${OWN.ipv4}/32`, `${OWN.ipv6}/128`],
  gateways: Object.values(GATEWAY),
  destinations: [...OKD_RULES, ...IPV6_RULES],
};

/** A LAN whose gateway has the hoster's addresses, and whose servers know the way back. */
function hosterScene(): Scene {
  const scene = new Scene();
  const { gateway, server } = scene.lab;
  gateway.namespace.batch(
    `addr add ${GATEWAY.ipv4}/32 dev lan0`,
    `addr add ${GATEWAY.ipv6}/128 dev lan0 nodad`,
    `route add ${OWN.ipv4}/32 dev lan0`,
    `route add ${OWN.ipv6}/128 dev lan0`,
  );
  server.namespace.batch(`route add ${OWN.ipv4}/32 via 203.0.113.1`, `route add ${OWN.ipv6}/128 via 2001:db8:113::1`);
  scene.node.namespace.batch(`link property add dev lan0 altname ${ALTERNATIVE}`);
  return scene;
}

describeOnKernel('a single address, with a gateway outside of its subnet', ['ip', 'nft', 'curl', 'tcpdump'], () => {
  test('servers see it by the gateway; CHECK, serve and doctor find no fault, and the parent has a long name', async () => {
    using scene = hosterScene();
    await scene.serve();
    const { router, client, node } = scene;
    const interfaceArgs = { mode: 'bridge', master: ALTERNATIVE };
    const config = scene.config(IP, { healthPort: 9180, detectConflicts: true, interfaceArgs });
    await router.add(config);
    const capture = await Capture.start(router.namespace, 'net1', 'arp');
    for (const family of ['ipv4', 'ipv6'] as const)
      expect(await ask(client.namespace, `tcp ${router[family]} 8080`)).toMatchObject({ peer: OWN[family] });
    expect(await router.call('CHECK', config)).toMatchObject({ status: 0 });

    const words = [PLUGIN, 'serve', '--router=prod/db', `--config=${JSON.stringify(config)}`];
    router.namespace.start(words, { stdio: 'ignore' });
    const ready = ['curl', '-s', '-m', '2', `http://${router.ipv4}:9180/readyz`];
    await eventually(() => expect(node.namespace.try(ready)).toMatchObject({ stdout: 'ok\n' }), 20_000);
    // Nothing but the gateway is asked for on the LAN.
    const asked = (await capture.stop()).filter(
      ({ text }) => text.includes('who-has') && text.includes(`tell ${OWN.ipv4}`),
    );
    expect(asked.filter(({ text }) => !text.includes(`who-has ${GATEWAY.ipv4}`))).toEqual([]);

    expect(fromNode(scene, config).findings).toEqual([]);

    await router.del(config);
  }, 60_000);

  test('a name that no interface of the node has is reported', async () => {
    using scene = hosterScene();
    const master = `${ALTERNATIVE.slice(0, -1)}x`;
    const { status, json } = await scene.router.call('ADD', scene.config(IP, { interfaceArgs: { master } }));
    expect({ status, json }).toMatchObject({ status: 1, json: { code: 103, msg: expect.stringContaining(master) } });
  });
});
