import { App, Chart } from 'cdk8s';
import {
  CoreDnsNames,
  DnsResolver,
  EgressRouter,
  EgressRouterCluster,
  OkdDnsNames,
  Rke2DnsNames,
  RouterMode,
} from 'cdk8s-egress-router';
import { ConfigMap, Deployment } from 'cdk8s-plus-28';

// Methods and values of hosts that no example uses, called from each language: what they return is in the ConfigMap.
const cluster = new EgressRouterCluster('prod', { podCidrs: ['10.244.0.0/16'], serviceCidrs: ['10.96.0.0/16'] });
const app = new App();
const router = new EgressRouter(new Chart(app, 'egress-router', { namespace: 'partners' }), 'partners', {
  cluster,
  mode: RouterMode.standalone({
    image: 'registry.example.com/egress-router:0.1.0',
    liveRules: true,
    resolver: DnsResolver.node({ unresolvedIsUnready: true }),
  }),
  addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
  hosts: [
    {
      name: 'api.bank.example',
      ports: [443],
      routerPorts: [20443],
      allowedCidrs: ['203.0.113.0/24'],
      clusterIps: ['10.96.0.40'],
    },
  ],
});
router.addHost({
  name: 'db.partner.example',
  ports: [5432],
  addresses: ['203.0.113.30'],
  clusterIps: ['10.96.0.41'],
  serviceName: 'partner-db',
});

const chart = new Chart(app, 'shop', { namespace: 'shop' });
const shop = new Deployment(chart, 'shop', {
  metadata: { name: 'shop' },
  containers: [{ image: 'registry.example.com/shop:1' }],
});
router.admit(shop, { hosts: ['db.partner.example'] });
router.closeBypass(chart, 'no-bypass', shop);

const routers = [router];
new CoreDnsNames(new Chart(app, 'core-dns'), 'names', { routers });
new Rke2DnsNames(new Chart(app, 'rke2'), 'names', { routers, values: { nodelocal: { enabled: true } } });
const okd = new OkdDnsNames(new Chart(app, 'okd', { namespace: 'partner-dns' }), 'names', {
  routers,
  image: 'registry.k8s.io/coredns/coredns:v1.12.1',
  clusterIp: '10.96.0.53',
});

new ConfigMap(new Chart(app, 'values', { namespace: 'shop' }), 'values', {
  metadata: { name: 'values' },
  data: {
    aliases: router.hostAliases.map(({ ip, hostnames }) => `${ip} ${hostnames.join(' ')}`).join('\n'),
    corefile: CoreDnsNames.corefileLines(routers, 'k8s.example').join('\n'),
    patch: okd.patchCommand(true),
    service: router.hostService('API.bank.example.')?.name ?? '',
    unknown: router.hostService('unknown.example') === undefined ? 'none' : 'one',
    upstream: okd.dnsServer.forwardPlugin.upstreams[0],
  },
});

app.synth();
