import { Capture } from '../lab/capture';
import { DUAL_STACK } from '../lab/network-config';
import { Scene } from '../lab/scene';
import { networkState, storedAttachments } from '../lab/state';
import { describeOnKernel } from '../support/requires';

const TENANT_POD = { ipv4: '10.244.2.5', ipv6: 'fd00:10:244:2::5' };

/** The router's network, which Multus lets a pod of any namespace name. */
const ofPartners = (scene: Scene) => scene.config(DUAL_STACK, { podNamespace: 'partners', detectConflicts: true });

describeOnKernel('a pod of another namespace does not get the reserved address', ['ip', 'nft', 'tcpdump'], () => {
  test('ADD rejects it while the router restarts, sends nothing and leaves nothing', async () => {
    using scene = new Scene();
    const config = ofPartners(scene);
    const tenant = scene.node.addPod('tenant', TENANT_POD);
    const frames = await Capture.start(scene.node.namespace, 'lan0', 'arp or icmp6');
    const before = [networkState(tenant.namespace), networkState(scene.node.namespace)];
    const answer = await tenant.call('ADD', config, { podNamespace: 'tenant' });
    expect(answer).toMatchObject({ status: 1, json: { code: 110 } });
    expect(answer.json.msg).toContain(
      'the pod is in namespace "tenant", and only pods of namespace "partners" may use',
    );
    expect([networkState(tenant.namespace), networkState(scene.node.namespace)]).toEqual(before);
    expect(storedAttachments(scene.network)).toEqual([]);
    expect(frames.frames().filter(({ text }) => text.includes('192.168.12.99'))).toEqual([]);
    // The same capture sees what the router asks.
    await scene.router.add(config, { podNamespace: 'partners' });
    expect((await frames.stop()).filter(({ text }) => text.includes('192.168.12.99'))).not.toEqual([]);
  });

  test('CHECK names a pod that is older than the key, and DEL removes its router', async () => {
    using scene = new Scene();
    const { podNamespace: _, ...older } = ofPartners(scene);
    const tenant = scene.node.addPod('tenant', TENANT_POD);
    const before = networkState(tenant.namespace);
    const place = { podNamespace: 'tenant' };
    await tenant.add(older, place);
    expect(await tenant.call('CHECK', older, place)).toMatchObject({ status: 0 });
    const answer = await tenant.call('CHECK', ofPartners(scene), place);
    expect(answer).toMatchObject({ status: 1, json: { code: 110 } });
    expect(await tenant.call('CHECK', ofPartners(scene), { podNamespace: 'partners' })).toMatchObject({ status: 0 });
    await tenant.del(ofPartners(scene), place);
    expect(networkState(tenant.namespace)).toEqual(before);
  });

  test('DEL does not ask for the namespace: a rejected pod can be deleted', async () => {
    using scene = new Scene();
    const tenant = scene.node.addPod('tenant', TENANT_POD);
    await tenant.call('ADD', ofPartners(scene), { podNamespace: 'tenant' });
    expect(await tenant.call('DEL', ofPartners(scene), { podNamespace: 'tenant' })).toMatchObject({ status: 0 });
  });
});
