import { EgressRouter, EgressRouterCluster, EgressRouterNetwork, Platform, RouterMode } from 'cdk8s-egress-router';
import * as kplus from 'cdk8s-plus-28';
import { Construct } from 'constructs';

/** What the platform team decided once, for every team. */
const CLUSTER = new EgressRouterCluster('prod', {
  platform: Platform.VSPHERE,
  mode: RouterMode.standalone({
    image: 'registry.example.com/platform/egress-router:0.1.0',
    scheduling: { attract: [kplus.Node.labeled(kplus.NodeLabelQuery.is('example.com/egress', 'true'))] },
  }),
});

const DMZ = new EgressRouterNetwork(CLUSTER, {
  subnets: [{ cidr: '10.20.30.0/24', gateway: '10.20.30.1' }],
  parentInterface: 'ens224',
});

/** A software vendor's licence server, as the platform team knows it. */
export interface LicenceServer {
  readonly ip: string;
  readonly ports: number[];
}

export interface LicenceServerAccessProps {
  readonly server: LicenceServer;
  /** Last octet of the source address that the vendor's firewall admits. */
  readonly sourceHost: number;
  /** The workloads that may use it. */
  readonly clients: kplus.INetworkPolicyPeer[];
}

/**
 * A company's own construct: teams say which server and which workloads; subnet, interface, nodes and image are the
 * platform's business. Clients read the host's name from a ConfigMap.
 */
export class LicenceServerAccess extends Construct {
  public readonly router: EgressRouter;
  public readonly settings: kplus.ConfigMap;

  public constructor(scope: Construct, id: string, { server, sourceHost, clients }: LicenceServerAccessProps) {
    super(scope, id);
    this.router = new EgressRouter(this, id, {
      network: DMZ,
      addresses: [{ ip: `10.20.30.${sourceHost}` }],
      redirectRules: server.ports.map((port) => ({ port, protocol: kplus.Protocol.TCP, destinationIp: server.ip })),
      allowFrom: clients,
    });
    this.settings = new kplus.ConfigMap(this, 'Settings', {
      metadata: { name: `${id}-settings` },
      data: { LICENCE_SERVER: server.ports.map((port) => `${port}@${this.router.clientHost}`).join(':') },
    });
  }
}
