import { Capture } from '../../test/kernel/lab/capture';
import type { Scenario } from '../scenario';

const MAC = 'e2:65:c0:a8:0c:63';

/** The README's quick start in standalone mode: the plugin by its construct, a router, and a client on another node. */
export const firstUse: Scenario = {
  name: 'first use',
  async run(environment) {
    const { kubectl } = environment;
    environment.installPlugin();
    const egress = environment.makeNamespace('egress', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const shop = environment.makeNamespace('shop');
    environment.applyExample('standalone');
    const router = await environment.ready(egress, 'partner');
    await environment.startClient(shop, 'client', environment.nodeBeside(router).name);

    const capture =
      environment.hasOwnCluster &&
      (await Capture.start(environment.cluster.outside.gateway.namespace, 'lan0', 'tcp or udp'));
    // By the Service's DNS name; each rule, and the one whose destination is IPv6 by its family's cluster IP.
    expect(await environment.ask(shop, 'client', `udp partner.${egress}.svc.cluster.local 80`)).toMatchObject({
      peer: '192.168.12.99',
    });
    expect(await environment.ask(shop, 'client', `tcp partner.${egress}.svc.cluster.local 8080`)).toMatchObject({
      peer: '192.168.12.99',
    });
    const { spec } = kubectl.get<{ spec: { clusterIPs: string[] } }>('service', 'partner', `--namespace=${egress}`);
    const [ipv4, ipv6] = [
      spec.clusterIPs.find((ip) => !ip.includes(':')),
      spec.clusterIPs.find((ip) => ip.includes(':')),
    ];
    expect(await environment.ask(shop, 'client', `tcp ${ipv4} 8443`)).toMatchObject({ peer: '192.168.12.99' });
    expect(await environment.ask(shop, 'client', `tcp ${ipv6} 8443`)).toMatchObject({ peer: '2001:db8:12::99' });
    if (capture === false) return;
    const sources = (await capture.stop()).filter(({ text }) =>
      / (192\.168\.12\.99|2001:db8:12::99)\.\d+ > /.test(text),
    );
    expect([...new Set(sources.map(({ source }) => source))]).toEqual([MAC]);
  },
};
