import { Asker } from './asker';
import { PortWatch } from './port-watch';
import type { Pod, World } from './world';

const MAC = 'e2:65:c0:a8:0c:63';

/** A router in service: somebody asks through it all the time, and the LAN's ports are watched. */
export interface Service {
  readonly namespace: string;
  readonly router: Pod;
  readonly asker: Asker;
  readonly ports: PortWatch;
}

/** The standalone example, and a client on another node. */
export async function inService(world: World): Promise<Service> {
  world.installPlugin();
  const namespace = world.makeNamespace('egress', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const shop = world.makeNamespace('shop');
  world.applyExample('standalone');
  const ports = await PortWatch.start(world.cluster.outside.lan, MAC);
  const router = await world.rolledOut(namespace, 'partner');
  const node = world.nodeBeside(router).name;
  const request = `tcp ${world.clusterIp(namespace, 'partner')} 8080`;
  const asker = await Asker.start(world, { namespace: shop, name: 'asker', node, request });
  return { namespace, router, asker, ports };
}
