import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';
import { EGRESS_ROUTER_KEYS } from '../../src/constructs/egress-router-props';
import { errorsOf, OPERATOR, STANDALONE } from '../support/synth';

const RULE = { port: 8443, protocol: 'TCP', destinationIp: '203.0.113.26' };
const V4 = { ip: '192.168.12.99/24', gateway: '192.168.12.1' };
const V6 = { ip: '2001:db8:12::99/64', gateway: 'fe80::1' };

/** What is wrong, the props that differ from a good router's, and how the one issue begins and ends. */
type Row = readonly [what: string, props: object, begins: string, accepted: string];

const ADDRESSES: Row[] = [
  [
    'a malformed IP',
    { addresses: [{ ip: '192.168.12/24' }] },
    'addresses[0].ip: "192.168.12/24" is not an IP address',
    'prefix length',
  ],
  [
    'leading zeros',
    { addresses: [{ ip: '192.168.012.99/24' }] },
    'addresses[0].ip: "192.168.012.99/24" is not an IP address',
    'prefix length',
  ],
  [
    'a CIDR without prefix',
    { addresses: [{ ip: '192.168.12.99' }] },
    'addresses[0].ip: "192.168.12.99" has no prefix length',
    '192.168.12.99/24',
  ],
  [
    'a prefix out of range',
    { addresses: [{ ip: '192.168.12.99/33' }] },
    'addresses[0].ip: "192.168.12.99/33" has a prefix length over 32',
    'prefix',
  ],
  [
    'a zone id',
    { addresses: [{ ip: '2001:db8::1%eth0/64' }] },
    'addresses[0].ip: "2001:db8::1%eth0/64" carries a zone id',
    'a host address',
  ],
  [
    'an IPv4-mapped address',
    { addresses: [{ ip: '::ffff:1.2.3.4/120' }] },
    'addresses[0].ip: "::ffff:1.2.3.4/120" is an IPv4-mapped address (write 1.2.3.4)',
    'a host address',
  ],
  [
    "the network's address",
    { addresses: [{ ip: '192.168.12.0/24' }] },
    'addresses[0].ip: "192.168.12.0/24" is the network address of its subnet',
    'a host address',
  ],
  [
    'the broadcast address',
    { addresses: [{ ip: '192.168.12.255/24' }] },
    'addresses[0].ip: "192.168.12.255/24" is the broadcast address of its subnet',
    'a host address',
  ],
  [
    'the subnet-router anycast address',
    { addresses: [{ ip: '2001:db8::/64' }] },
    'addresses[0].ip: "2001:db8::/64" is the network address',
    'a host address',
  ],
  [
    'loopback',
    { addresses: [{ ip: '127.0.0.1/8' }] },
    'addresses[0].ip: "127.0.0.1/8" is a loopback address',
    'a host address',
  ],
  [
    'IPv6 loopback',
    { addresses: [{ ip: '::1/64' }] },
    'addresses[0].ip: "::1/64" is a loopback address',
    'a host address',
  ],
  [
    'multicast',
    { addresses: [{ ip: '224.0.0.9/24' }] },
    'addresses[0].ip: "224.0.0.9/24" is a multicast address',
    'a host address',
  ],
  [
    'IPv6 multicast',
    { addresses: [{ ip: 'ff02::1/64' }] },
    'addresses[0].ip: "ff02::1/64" is a multicast address',
    'a host address',
  ],
  [
    'link-local',
    { addresses: [{ ip: '169.254.1.1/16' }] },
    'addresses[0].ip: "169.254.1.1/16" is a link-local address',
    'a host address',
  ],
  [
    'IPv6 link-local',
    { addresses: [{ ip: 'fe80::9/64' }] },
    'addresses[0].ip: "fe80::9/64" is a link-local address',
    'a host address',
  ],
  [
    'unspecified',
    { addresses: [{ ip: '0.0.0.0/8' }] },
    'addresses[0].ip: "0.0.0.0/8" is the unspecified address',
    'a host address',
  ],
  [
    'IPv6 unspecified',
    { addresses: [{ ip: '::/64' }] },
    'addresses[0].ip: "::/64" is the unspecified address',
    'a host address',
  ],
  [
    'a gateway outside the subnet',
    { addresses: [{ ...V4, gateway: '192.168.13.1' }] },
    'addresses[0].gateway: "192.168.13.1" is outside the subnet of 192.168.12.99/24',
    'an IPv4 address in the subnet',
  ],
  [
    'a gateway equal to the address',
    { addresses: [{ ...V4, gateway: '192.168.12.99' }] },
    'addresses[0].gateway: "192.168.12.99" is the reserved address itself',
    'in the subnet',
  ],
  [
    'a gateway of the other family',
    { addresses: [{ ...V4, gateway: 'fe80::1' }] },
    'addresses[0].gateway: "fe80::1" is not an IPv4 address',
    'in the subnet',
  ],
  [
    'a gateway that is the broadcast address',
    { addresses: [{ ...V4, gateway: '192.168.12.255' }] },
    'addresses[0].gateway: "192.168.12.255" is the broadcast address',
    'in the subnet',
  ],
  [
    'a gateway with a prefix',
    { addresses: [{ ...V4, gateway: '192.168.12.1/24' }] },
    'addresses[0].gateway: "192.168.12.1/24" carries a prefix length',
    'in the subnet',
  ],
  [
    'two addresses of a family',
    { addresses: [V4, { ip: '192.168.12.98/24' }] },
    'addresses[1].ip: "192.168.12.98/24" is a second IPv4 address beside addresses[0].ip',
    'at most one address of each family',
  ],
  ['no addresses', { addresses: [] }, 'addresses: [] is empty', 'a list of one { ip, gateway }'],
  ['addresses missing', { addresses: undefined }, 'addresses: (nothing) is missing', 'a list of one { ip, gateway }'],
  [
    'addresses that are no list',
    { addresses: V4 },
    'addresses: {"ip":"192.168.12.99/24","gateway":"192.168.12.1"} is not a list',
    'a list of one',
  ],
  [
    'a misspelled key',
    { addresses: [{ ...V4, gatway: '192.168.12.1' }] },
    'addresses[0].gatway: "192.168.12.1" is an unknown key (did you mean "gateway"?)',
    'ip, gateway',
  ],
];

const RULES: Row[] = [
  ['port 0', { redirectRules: [{ ...RULE, port: 0 }] }, 'redirectRules[0].port: 0 is out of range', '1 to 65535'],
  [
    'port 65536',
    { redirectRules: [{ ...RULE, port: 65536 }] },
    'redirectRules[0].port: 65536 is out of range',
    '1 to 65535',
  ],
  [
    'a target port out of range',
    { redirectRules: [{ ...RULE, targetPort: -1 }] },
    'redirectRules[0].targetPort: -1 is out of range',
    '1 to 65535',
  ],
  [
    'half a port',
    { redirectRules: [{ ...RULE, port: 80.5 }] },
    'redirectRules[0].port: 80.5 is not an integer',
    '1 to 65535',
  ],
  [
    'a port that is NaN',
    { redirectRules: [{ ...RULE, port: Number.NaN }] },
    'redirectRules[0].port: NaN is not an integer',
    '1 to 65535',
  ],
  [
    'a port in quotes',
    { redirectRules: [{ ...RULE, port: '80' }] },
    'redirectRules[0].port: "80" is not a number',
    '1 to 65535',
  ],
  [
    'a port missing',
    { redirectRules: [{ ...RULE, port: undefined }] },
    'redirectRules[0].port: (nothing) is missing',
    '1 to 65535',
  ],
  [
    'an unknown protocol',
    { redirectRules: [{ ...RULE, protocol: 'ICMP' }] },
    'redirectRules[0].protocol: "ICMP" is not known',
    'TCP, UDP, SCTP',
  ],
  [
    'the same port and protocol twice',
    { redirectRules: [RULE, { ...RULE, destinationIp: '203.0.113.27' }] },
    'redirectRules[1]: {"port":8443,"protocol":"TCP","destinationIp":"203.0.113.27"} redirects TCP port 8443 as redirectRules[0] does already (to 203.0.113.26)',
    'one rule for a protocol and port in IPv4',
  ],
  [
    'a destination of a family without address',
    { redirectRules: [{ ...RULE, destinationIp: '2001:db8::1' }] },
    'redirectRules[0].destinationIp: "2001:db8::1" leads to 2001:db8::1, and no IPv6 address is reserved',
    'a reserved IPv6 address',
  ],
  [
    'a destination that is our own address',
    { redirectRules: [{ ...RULE, destinationIp: '192.168.12.99' }] },
    'redirectRules[0].destinationIp: "192.168.12.99" leads to the reserved address itself',
    'a host',
  ],
  [
    'a loopback destination',
    { redirectRules: [{ ...RULE, destinationIp: '127.0.0.1' }] },
    'redirectRules[0].destinationIp: "127.0.0.1" is a loopback address',
    'a host',
  ],
  [
    'a multicast destination',
    { redirectRules: [{ ...RULE, destinationIp: '239.1.1.1' }] },
    'redirectRules[0].destinationIp: "239.1.1.1" is a multicast address',
    'a host',
  ],
  [
    'a destination with a mask',
    { redirectRules: [{ ...RULE, destinationIp: '203.0.113.26/32' }] },
    'redirectRules[0].destinationIp: "203.0.113.26/32" carries a prefix length',
    'without prefix',
  ],
  [
    'a host name',
    { redirectRules: [{ ...RULE, destinationIp: 'db.example.com' }] },
    'redirectRules[0].destinationIp: "db.example.com" is not an IP address',
    'an IPv4 or IPv6 address',
  ],
  [
    'the broadcast address of our subnet',
    { redirectRules: [{ ...RULE, destinationIp: '192.168.12.255' }] },
    'redirectRules[0].destinationIp: "192.168.12.255" leads to the broadcast address',
    'a host',
  ],
  [
    'a destination beyond the subnet without gateway',
    { addresses: [{ ip: V4.ip }] },
    'redirectRules[0].destinationIp: "203.0.113.26" leads to 203.0.113.26, outside the subnet of 192.168.12.99/24, and there is no gateway',
    'a gateway for addresses[0].ip',
  ],
  [
    'neither rule nor fallback',
    { redirectRules: undefined },
    'redirectRules: [] leaves nothing to redirect',
    'at least one redirect rule, or a fallback address',
  ],
  [
    'rules that are no list',
    { redirectRules: RULE },
    'redirectRules: {"port":8443,"protocol":"TCP","destinationIp":"203.0.113.26"} is not a list',
    'a list of',
  ],
  [
    'a rule on the health port',
    { redirectRules: [{ ...RULE, port: 9180 }] },
    'redirectRules[0].port: 9180 takes the health port',
    'another health port',
  ],
  ['a loopback fallback', { fallbackIp: '127.0.0.1' }, 'fallbackIp: "127.0.0.1" is a loopback address', 'a host'],
  [
    'a fallback with a mask',
    { fallbackIp: '203.0.113.27/32' },
    'fallbackIp: "203.0.113.27/32" carries a prefix length',
    'without prefix',
  ],
];

const REST: Row[] = [
  [
    'an interface name over 15 bytes',
    { networkInterface: { macvlan: { master: 'sixteen-bytes-xx' } } },
    'networkInterface.macvlan.master: "sixteen-bytes-xx" is longer than 15 bytes',
    '1 to 15 bytes',
  ],
  [
    'an interface name with a slash',
    { networkInterface: { macvlan: { master: 'eth/0' } } },
    'networkInterface.macvlan.master: "eth/0" is not an interface name',
    '1 to 15 bytes',
  ],
  [
    'an unknown macvlan mode',
    { networkInterface: { macvlan: { mode: 'Source' } } },
    'networkInterface.macvlan.mode: "Source" is not known',
    'bridge, private, vepa, passthru',
  ],
  [
    'another kind of interface',
    { networkInterface: { ipvlan: {} } },
    'networkInterface.ipvlan: {} is an unknown key',
    'macvlan',
  ],
  [
    'passthru on an unnamed interface',
    { networkInterface: { macvlan: { mode: 'Passthru' } }, macAddress: '02:00:00:00:00:01' },
    'networkInterface.macvlan.master: (nothing) must be named in passthru mode',
    'the name of an interface',
  ],
  [
    'passthru with a derived MAC',
    { networkInterface: { macvlan: { mode: 'Passthru', master: 'eth1' } } },
    'macAddress: (nothing) must be given in passthru mode',
    'unicast',
  ],
  [
    'a multicast MAC',
    { macAddress: '01:00:5e:00:00:01' },
    'macAddress: "01:00:5e:00:00:01" is a multicast address',
    'a unicast MAC address',
  ],
  [
    'a zero MAC',
    { macAddress: '00:00:00:00:00:00' },
    'macAddress: "00:00:00:00:00:00" is zero',
    'a unicast MAC address',
  ],
  [
    'a malformed MAC',
    { macAddress: '02:00:5e:10:00' },
    'macAddress: "02:00:5e:10:00" is not a MAC address',
    'a unicast MAC address',
  ],
  [
    'a name that a Service cannot have',
    { metadata: { name: '1-db' } },
    'metadata.name: "1-db" is not such a name',
    'beginning with a letter',
  ],
  [
    'a name of 64 characters',
    { metadata: { name: 'a'.repeat(64) } },
    `metadata.name: "${'a'.repeat(64)}" has 64 characters`,
    'at most 63',
  ],
  ['a Service name in capitals', { service: { name: 'DB' } }, 'service.name: "DB" is not such a name', 'lower-case'],
  [
    'a namespace with a dot',
    { metadata: { namespace: 'a.b' } },
    'metadata.namespace: "a.b" is not such a name',
    'DNS-1123',
  ],
  [
    'a plugin name with a slash',
    { pluginName: '../sh' },
    'pluginName: "../sh" is not the name of a plugin',
    'the file name of a CNI plugin',
  ],
  [
    'AWS',
    { platform: 'AWS' },
    'platform: "AWS" cannot carry a second MAC address: a VPC is a layer 3 network',
    'BareMetal',
  ],
  [
    'Azure',
    { platform: 'Azure' },
    'platform: "Azure" cannot carry a second MAC address: a virtual network is a layer 3 overlay',
    'OpenStack',
  ],
  [
    'Google Cloud',
    { platform: 'GCP' },
    'platform: "GCP" cannot carry a second MAC address: the VPC answers ARP itself',
    'vSphere',
  ],
  [
    'IBM Cloud VPC',
    { platform: 'IBMCloudVPC' },
    'platform: "IBMCloudVPC" cannot carry a second MAC address',
    'OpenStack',
  ],
  [
    'DigitalOcean',
    { platform: 'DigitalOcean' },
    'platform: "DigitalOcean" cannot carry a second MAC address',
    'OpenStack',
  ],
  [
    'Hetzner Cloud',
    { platform: 'HetznerCloud' },
    'platform: "HetznerCloud" cannot carry a second MAC address',
    'OpenStack',
  ],
  ['Exoscale', { platform: 'Exoscale' }, 'platform: "Exoscale" cannot carry a second MAC address', 'OpenStack'],
  ['an unknown platform', { platform: 'Cray' }, 'platform: "Cray" is not known', 'OpenStack'],
  [
    'the HTTP-proxy mode',
    { mode: 'HTTPProxy' },
    'mode: "HTTPProxy" is the HTTP-proxy mode of OpenShift\'s SDN router, which is not supported',
    'Redirect',
  ],
  [
    'the DNS-proxy mode',
    { mode: 'dns-proxy' },
    'mode: "dns-proxy" is the DNS-proxy mode of OpenShift\'s SDN router, which is not supported',
    'Redirect',
  ],
  ['an unknown mode', { mode: 'Fast' }, 'mode: "Fast" is not known', 'Redirect'],
  ['an unknown provisioning', { provisioning: 'helm' }, 'provisioning: "helm" is not known', 'operator, standalone'],
  ['no image', { image: undefined }, 'image: (nothing) is missing', 'EgressRouterCluster'],
  [
    'a duration that is a number',
    { failover: { conflictWait: 10 } },
    'failover.conflictWait: 10 is not a Duration',
    'Duration.seconds(5)',
  ],
  [
    'a wait beyond what a pod has',
    { failover: { conflictWait: Duration.minutes(3) } },
    'failover.conflictWait: {"amount":3,',
    'at most 120 seconds',
  ],
  [
    'half a second',
    { failover: { terminationGracePeriod: Duration.millis(500) } },
    'failover.terminationGracePeriod: {"amount":500,',
    'whole seconds',
  ],
  [
    'nodes that are labels',
    { scheduling: { attract: [{ egress: 'yes' }] } },
    'scheduling.attract[0]: {"egress":"yes"} is not of that type',
    'Node.labeled',
  ],
  [
    'a misspelled prop',
    { redirectRule: [RULE] },
    'redirectRule: [{"port":8443,"protocol":"TCP","destinationIp":"203.0.113.26"}] is an unknown key (did you mean "redirectRules"?)',
    'addresses',
  ],
  ['live rules that are no switch', { liveRules: 'yes' }, 'liveRules: "yes" is not a boolean', 'true or false'],
  ['metrics of rules that are no switch', { ruleMetrics: 1 }, 'ruleMetrics: 1 is not a boolean', 'true or false'],
  ['a watch that is no switch', { watchConflicts: {} }, 'watchConflicts: {} is not a boolean', 'true or false'],
  ['monitoring that is a switch', { monitoring: true }, 'monitoring: true is not an object', 'an object'],
  [
    'a misspelled key of monitoring',
    { monitoring: { podmonitor: true } },
    'monitoring.podmonitor: true is an unknown key (did you mean "podMonitor"?)',
    'podMonitor, alerts, labels, scrapeInterval',
  ],
  [
    'a PodMonitor that is no switch',
    { monitoring: { podMonitor: 'no' } },
    'monitoring.podMonitor: "no" is not a boolean',
    'true or false',
  ],
  [
    'alerts that are no switch',
    { monitoring: { alerts: [] } },
    'monitoring.alerts: [] is not a boolean',
    'true or false',
  ],
  [
    'a label of monitoring that is no label value',
    { monitoring: { labels: { release: 'a b' } } },
    'monitoring.labels.release: "a b" is not a label value',
    'a label value',
  ],
  [
    "a label of monitoring that is the router's own",
    { monitoring: { labels: { 'app.kubernetes.io/name': 'x' } } },
    'monitoring.labels."app.kubernetes.io/name": "x" is a label that the router sets',
    'any other label',
  ],
  [
    'an interval that is a text',
    { monitoring: { scrapeInterval: '15s' } },
    'monitoring.scrapeInterval: "15s" is not a Duration',
    'Duration.seconds(5)',
  ],
  [
    'no interval',
    { monitoring: { scrapeInterval: Duration.seconds(0) } },
    'monitoring.scrapeInterval: {',
    'at least one second',
  ],
  [
    'an interval without a PodMonitor',
    { monitoring: { podMonitor: false, scrapeInterval: Duration.seconds(15) } },
    'monitoring.scrapeInterval: {',
    'podMonitor: true',
  ],
  [
    'metadata that no object of several can share',
    { metadata: { finalizers: ['a'] } },
    'metadata.finalizers: ["a"] is an unknown key',
    'annotations',
  ],
  ['a sync wave that is text', { argoCdSyncWave: '1' }, 'argoCdSyncWave: "1" is not a number', 'a sync wave'],
  ['announcements without end', { announcements: 1000 }, 'announcements: 1000 is out of range', 'from 1 to 10'],
];

const SPELLINGS: Row[] = [
  [
    'a protocol in small letters',
    { redirectRules: [{ ...RULE, protocol: 'tcp' }] },
    'redirectRules[0].protocol: "tcp" is not known',
    'TCP, UDP, SCTP',
  ],
  [
    'a provisioning in capitals',
    { provisioning: 'Standalone' },
    'provisioning: "Standalone" is not known',
    'operator, standalone',
  ],
  [
    'a Service type in small letters',
    { service: { type: 'nodeport' } },
    'service.type: "nodeport" is not known',
    'ClusterIP, NodePort, LoadBalancer',
  ],
  ['a platform in small letters', { platform: 'openstack' }, 'platform: "openstack" is not known', 'OpenStack'],
];

const METADATA: Row[] = [
  ['a privileged health port', { healthPort: 1023 }, 'healthPort: 1023 is out of range', 'an unprivileged port number'],
  ['half a health port', { healthPort: 1024.5 }, 'healthPort: 1024.5 is not an integer', 'from 1024 to 65535'],
  [
    'a label that is a number',
    { metadata: { labels: { a: 1 } } },
    'metadata.labels.a: 1 is not a string',
    'a label value',
  ],
  [
    'a label with a space',
    { metadata: { labels: { a: 'x y' } } },
    'metadata.labels.a: "x y" is not a label value',
    'at most 63',
  ],
  [
    'a label of 64 characters',
    { metadata: { labels: { a: 'x'.repeat(64) } } },
    'metadata.labels.a: "xxx',
    'at most 63',
  ],
  [
    'a label key with a space',
    { metadata: { labels: { 'a b': 'x' } } },
    'metadata.labels."a b": "x" has a key that is not a qualified name',
    'DNS subdomain',
  ],
  [
    "a label of the router's own",
    { metadata: { labels: { 'app.kubernetes.io/name': 'x' } } },
    'metadata.labels."app.kubernetes.io/name": "x" is a label that the router sets',
    'any other label',
  ],
  ['labels as text', { metadata: { labels: 'abc' } }, 'metadata.labels: "abc" is not an object', 'an object'],
  [
    'an annotation that is a boolean',
    { metadata: { annotations: { a: true } } },
    'metadata.annotations.a: true is not a string',
    'a string',
  ],
  [
    'a Service annotation that is a number',
    { service: { annotations: { a: 1 } } },
    'service.annotations.a: 1 is not a string',
    'a string',
  ],
  ['an image that is none', { image: '' }, 'image: "" is empty', 'EgressRouterCluster'],
  ['metadata as text', { metadata: 'db' }, 'metadata: "db" is not an object', 'an object'],
  ['metadata as a list', { metadata: [] }, 'metadata: [] is not an object', 'an object'],
  ['an image with a space', { image: 'a b' }, 'image: "a b" is not the name of an image', 'EgressRouterCluster'],
  [
    'a priority class with a space',
    { scheduling: { priorityClassName: 'a b' } },
    'scheduling.priorityClassName: "a b" is not such a name',
    'DNS-1123',
  ],
  [
    'a limit below the request',
    { resources: { cpu: { request: Cpu.units(1), limit: Cpu.millis(999) } } },
    'resources.cpu.limit: {"amount":"999m"} is less than the request',
    'at least the request',
  ],
  [
    'memory in kibibytes',
    { resources: { memory: { request: Size.kibibytes(500) } } },
    'resources.memory.request: {"amount":500,',
    'whole mebibytes',
  ],
  [
    'ephemeral storage in mebibytes',
    { resources: { ephemeralStorage: { limit: Size.mebibytes(500) } } },
    'resources.ephemeralStorage.limit: {"amount":500,',
    'whole gibibytes',
  ],
  [
    'a node port of a cluster IP',
    { service: { ports: [{ port: 8443, nodePort: 30443 }] } },
    'service.ports[0].nodePort: 30443 is a node port of a Service that has none',
    'NodePort or LoadBalancer',
  ],
  [
    'a node port twice',
    {
      service: {
        type: 'NodePort',
        ports: [
          { port: 8443, nodePort: 30443 },
          { port: 443, targetPort: 8443, nodePort: 30443 },
        ],
      },
    },
    'service.ports[1].nodePort: 30443 is service.ports[0].nodePort already',
    'another node port',
  ],
  ['a cluster by its name', { cluster: 'prod' }, 'cluster: "prod" is not a cluster', 'an EgressRouterCluster'],
];

const OBJECTS: Row[] = [
  [
    'peers that are labels',
    { allowFrom: [{ app: 'x' }] },
    'allowFrom[0]: {"app":"x"} is not of that type',
    'cdk8s-plus peers',
  ],
  [
    'scrapers that are labels',
    { allowFrom: [], monitoring: { from: [{ app: 'x' }] } },
    'monitoring.from[0]: {"app":"x"} is not of that type',
    'cdk8s-plus peers',
  ],
  [
    'scrapers where everybody is admitted',
    { monitoring: { from: [] } },
    'monitoring.from: [] has no NetworkPolicy to be in: everybody is admitted',
    'nothing, or allowFrom beside it',
  ],
  [
    'resources as text',
    { resources: { cpu: { request: '10m' } } },
    'resources.cpu.request: "10m" is not one',
    'Cpu.millis(10)',
  ],
  [
    'memory as text',
    { resources: { memory: { limit: '64Mi' } } },
    'resources.memory.limit: "64Mi" is not one',
    'Size.mebibytes(64)',
  ],
  [
    'an unknown pull policy',
    { imagePullPolicy: 'Sometimes' },
    'imagePullPolicy: "Sometimes" is not known',
    'IfNotPresent',
  ],
  [
    'a secret as text',
    { dockerRegistryAuth: 'registry' },
    'dockerRegistryAuth: "registry" is not a Secret',
    'a Secret of cdk8s-plus',
  ],
  [
    'a Service without cluster IP',
    { service: { type: 'ExternalName' } },
    'service.type: "ExternalName" is not known',
    'ClusterIP, NodePort, LoadBalancer',
  ],
  [
    'a misspelled Service option',
    { service: { typ: 'NodePort' } },
    'service.typ: "NodePort" is an unknown key (did you mean "type"?)',
    'annotations',
  ],
  [
    'a Service port twice',
    {
      service: {
        ports: [
          { port: 443, targetPort: 8443, name: 'a' },
          { port: 443, targetPort: 8443, name: 'b' },
        ],
      },
    },
    'service.ports[1]: {"port":443,"targetPort":8443,"name":"b"} is TCP port 443 as service.ports[0] is already',
    'one entry',
  ],
  [
    'a Service port name twice',
    {
      service: {
        ports: [
          { port: 443, targetPort: 8443, name: 'a' },
          { port: 444, targetPort: 8443, name: 'a' },
        ],
      },
    },
    'service.ports[1]: {"port":444,"targetPort":8443,"name":"a"} is named "a" as service.ports[0] is already',
    'a name that no other port',
  ],
  [
    "a Service port with a rule's name",
    { service: { ports: [{ port: 443, targetPort: 8443, name: 'tcp-8443' }] } },
    'service.ports[0]: {"port":443,"targetPort":8443,"name":"tcp-8443"} is named "tcp-8443", which is the name of TCP port 8443',
    'a name that no other port',
  ],
  [
    'a Service port name with capitals',
    { service: { ports: [{ port: 8443, name: 'HTTPS' }] } },
    'service.ports[0].name: "HTTPS" is not such a name',
    'DNS-1123',
  ],
];

const OPERATOR_ROWS: Row[] = [
  [
    'a fallback alone',
    { redirectRules: [], fallbackIp: '203.0.113.27' },
    "redirectRules: [] leaves nothing to redirect: the operator's plugin does not read fallbackIp",
    'at least one redirect rule',
  ],
  [
    'a port for the fallback',
    { fallbackIp: '203.0.113.27', service: { ports: [{ port: 443 }] } },
    'service.ports[0]: {"port":443} leads to TCP port 443 of the router, where no rule listens',
    'a port of a redirect rule',
  ],
  [
    'a port for probes',
    { service: { ports: [{ port: 9180 }] } },
    'service.ports[0]: {"port":9180} leads to TCP port 9180',
    'a port of a redirect rule',
  ],
  [
    'passthru',
    { networkInterface: { macvlan: { mode: 'Passthru', master: 'eth1' } } },
    'networkInterface.macvlan.mode: "Passthru" needs a parent interface',
    'another mode',
  ],
  [
    'an IPv6 address',
    { addresses: [V6], redirectRules: [{ ...RULE, destinationIp: '2001:db8::1' }] },
    'addresses[0].ip: "2001:db8:12::99/64" is an IPv6 address, which the operator\'s plugin always fails to set up',
    'provisioning "standalone"',
  ],
  [
    'a second address',
    { addresses: [V4, { ...V6 }] },
    'addresses[1].ip: "2001:db8:12::99/64" is an IPv6 address',
    'provisioning "standalone"',
  ],
  [
    'no gateway',
    { addresses: [{ ip: V4.ip }], redirectRules: [{ ...RULE, destinationIp: '192.168.12.26' }] },
    'addresses[0].gateway: (nothing) is missing, and the operator cannot render a router without it',
    'the address of the gateway',
  ],
  [
    'a MAC address',
    { macAddress: '02:00:00:00:00:01' },
    'macAddress: "02:00:00:00:00:01" has no place in an EgressRouter resource',
    'provisioning "standalone"',
  ],
  [
    'an MTU',
    { networkInterface: { macvlan: { mtu: 1400 } } },
    'networkInterface.macvlan.mtu: 1400 has no place in an EgressRouter resource',
    'provisioning "standalone"',
  ],
  ['an image', { image: 'x' }, 'image: "x" has no place in an EgressRouter resource', 'provisioning "standalone"'],
  [
    'live rules',
    { liveRules: true },
    "liveRules: true asks for rules that change in a running pod, and the operator's plugin reads them only when its pod starts",
    'provisioning "standalone"',
  ],
  [
    'metrics of rules',
    { ruleMetrics: true },
    'ruleMetrics: true asks for metrics, and the pod that the operator makes has none',
    'provisioning "standalone"',
  ],
  [
    'a watch for conflicts',
    { watchConflicts: true },
    'watchConflicts: true asks for a process that watches the network, and the pod that the operator makes has none',
    'provisioning "standalone"',
  ],
  [
    'monitoring',
    { monitoring: {} },
    'monitoring: {} asks for metrics to be scraped, and the pod that the operator makes has none',
    'provisioning "standalone"',
  ],
  ['failover', { failover: {} }, 'failover: {} has no place in an EgressRouter resource', 'provisioning "standalone"'],
  ['AWS', { platform: 'AWS' }, 'platform: "AWS" cannot carry a second MAC address', 'OpenStack'],
];

describe.each([
  ['addresses', STANDALONE, ADDRESSES],
  ['rules', STANDALONE, RULES],
  ['other props', STANDALONE, REST],
  ['spellings that a manifest cannot have', STANDALONE, SPELLINGS],
  ['metadata and amounts', STANDALONE, METADATA],
  ['objects and the Service', STANDALONE, OBJECTS],
  ['operator mode', OPERATOR, OPERATOR_ROWS],
])('%s', (_, good, rows) => {
  test('a good router is not refused', () => expect(errorsOf(good)).toEqual([]));

  test.each(rows)('%s', (_what, props, begins, accepted) => {
    const errors = errorsOf({ ...good, ...props });
    expect(errors).toHaveLength(1);
    expect(errors[0]!.slice(0, `[prod/db] ${begins}`.length)).toBe(`[prod/db] ${begins}`);
    expect(errors[0]!.split('; accepted: ')[1]).toContain(accepted);
  });
});

test("the construct's id is the name, and is checked like one", () => {
  expect(errorsOf(STANDALONE, 'DB')[0]).toMatch(
    /^\[prod\/DB\] id: "DB" is not such a name; accepted: a DNS-1035 label/,
  );
});

test('a link-local gateway is valid for IPv6', () => {
  const rule = { ...RULE, destinationIp: '2001:db8::1' };
  expect(errorsOf({ ...STANDALONE, addresses: [V6], redirectRules: [rule] })).toEqual([]);
});

test('one port may be redirected in each family', () => {
  const rules = [RULE, { ...RULE, destinationIp: '2001:db8::1' }];
  expect(errorsOf({ ...STANDALONE, addresses: [V4, V6], redirectRules: rules })).toEqual([]);
});

test('every mistake of a router is named at once', () => {
  const errors = errorsOf({
    addresses: [{ ip: 'x' }],
    redirectRules: [{ port: 0 }],
    macAddress: 'y',
    mode: 'z',
    platform: 'AWS',
    image: '',
  });
  expect(errors.map((error) => error.slice('[prod/db] '.length).split(':')[0])).toEqual([
    'macAddress',
    'image',
    'mode',
    'platform',
    'addresses[0].ip',
    'redirectRules[0].port',
    'redirectRules[0].protocol',
    'redirectRules[0].destinationIp',
    'macAddress',
  ]);
});

test('garbage of any type is an error, never an exception of another kind', () => {
  for (const garbage of [null, 0, '', 'x', [], {}, [null], [[]], [{}], true, Number.NaN]) {
    for (const key of EGRESS_ROUTER_KEYS) {
      const errors = errorsOf({ ...STANDALONE, [key]: garbage });
      for (const error of errors) expect(error).toMatch(/^\[prod\/db\] \S+: .+; accepted: .+/);
    }
  }
});
