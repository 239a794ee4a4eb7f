import { Duration, Lazy, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-28';
import { Link, RouterMode } from '../../src';
import { EGRESS_ROUTER_KEYS } from '../../src/constructs/egress-router-props';
import { STANDALONE_ROUTER_KEYS } from '../../src/constructs/standalone/standalone-router-options';
import { errorsOf, OPERATOR, operator, STANDALONE, standalone } from '../support/synth';

const RULE = { port: 8443, protocol: 'TCP', destinationIp: '203.0.113.26' };
const V4 = { ip: '192.168.12.99/24', gateway: '192.168.12.1' };
const V6 = { ip: '2001:db8:12::99/64', gateway: 'fe80::1' };

/** What is wrong, the changes of a good router, and how the one issue begins and ends. */
type Row = readonly [what: string, changes: object, begins: string, accepted: string];

/** What is wrong, the value of a field, what the issue says of it, and how the issue ends. */
type FieldRow = readonly [what: string, value: unknown, problem: string, accepted: string];

/** Rows about the values of one field. */
function field(path: string, changesWith: (value: unknown) => object, rows: readonly FieldRow[]): Row[] {
  const text = (value: unknown) => (typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? '(nothing)'));
  return rows.map(([what, value, problem, accepted]) => [
    `${path}, ${what}`,
    changesWith(value),
    `${path}: ${text(value)} ${problem}`,
    accepted,
  ]);
}

const prop = (key: string, rows: readonly FieldRow[]) => field(key, (value) => ({ [key]: value }), rows);
const option = (key: string, rows: readonly FieldRow[]) => field(`mode.${key}`, (value) => ({ [key]: value }), rows);
const member = (key: string, name: string, rows: readonly FieldRow[]) =>
  field(`mode.${key}.${name}`, (value) => ({ [key]: { [name]: value } }), rows);
const link = (key: string, rows: readonly FieldRow[]) =>
  field(`mode.link.${key}`, (value) => ({ link: macvlan({ [key]: value }) }), rows);
const metadata = (key: string, rows: readonly FieldRow[]) =>
  field(`metadata.${key}`, (value) => ({ metadata: { [key]: value } }), rows);
const rule = (key: string, rows: readonly FieldRow[]) =>
  field(`redirectRules[0].${key}`, (value) => ({ redirectRules: [{ ...RULE, [key]: value }] }), rows);
const service = (key: string, rows: readonly FieldRow[], more: object = {}) =>
  field(`service.${key}`, (value) => ({ service: { ...more, [key]: value } }), rows);

const NAME = 'app.kubernetes.io/name';
const MAC = '02:00:00:00:00:01';
const HOST = 'a host address';
const UNKNOWN = 'is an unknown key';
const meant = (hint: string) => `${UNKNOWN} (did you mean "${hint}"?)`;
const macvlan = (options: object) => Link.macvlan(options);

const ADDRESSES: Row[] = [
  ...field('addresses[0].ip', (ip) => ({ addresses: [{ ip }] }), [
    ['malformed', '192.168.12/24', 'is not an IP address', 'prefix length'],
    ['leading zeros', '192.168.012.99/24', 'has an octet with a leading zero', 'prefix length'],
    ['without prefix', '192.168.12.99', 'has no prefix length', '192.168.12.99/24'],
    ['a prefix out of range', '192.168.12.99/33', 'has a prefix length over 32', 'prefix'],
    ['a zone id', '2001:db8::1%eth0/64', 'carries a zone id', HOST],
    ['IPv4-mapped', '::ffff:1.2.3.4/120', 'is an IPv4-mapped address (write 1.2.3.4)', HOST],
    ["the network's", '192.168.12.0/24', 'is the network address of its subnet', HOST],
    ['broadcast', '192.168.12.255/24', 'is the broadcast address of its subnet', HOST],
    ['subnet-router anycast', '2001:db8::/64', 'is the network address', HOST],
    ['loopback', '127.0.0.1/8', 'is a loopback address', HOST],
    ['IPv6 loopback', '::1/64', 'is a loopback address', HOST],
    ['multicast', '224.0.0.9/24', 'is a multicast address', HOST],
    ['IPv6 multicast', 'ff02::1/64', 'is a multicast address', HOST],
    ['link-local', '169.254.1.1/16', 'is a link-local address', HOST],
    ['IPv6 link-local', 'fe80::9/64', 'is a link-local address', HOST],
    ['unspecified', '0.0.0.0/8', 'is the unspecified address', HOST],
    ['IPv6 unspecified', '::/64', 'is the unspecified address', HOST],
  ]),
  ...field('addresses[0].gateway', (gateway) => ({ addresses: [{ ...V4, gateway }] }), [
    ['outside', '192.168.13.1', 'is outside the subnet of 192.168.12.99/24', 'an IPv4 address in the subnet'],
    ['equal to the address', '192.168.12.99', 'is the reserved address itself', 'in the subnet'],
    ['of the other family', 'fe80::1', 'is not an IPv4 address', 'in the subnet'],
    ['broadcast', '192.168.12.255', 'is the broadcast address', 'in the subnet'],
    ['with a prefix', '192.168.12.1/24', 'carries a prefix length', 'in the subnet'],
  ]),
  ...field('addresses[1].ip', (ip) => ({ addresses: [V4, { ip }] }), [
    ['a second of a family', '192.168.12.98/24', 'is a second IPv4 address beside addresses[0].ip', 'at most one'],
  ]),
  ...field('addresses[0].gatway', (gatway) => ({ addresses: [{ ...V4, gatway }] }), [
    ['a misspelled key', '192.168.12.1', `${UNKNOWN} (did you mean "gateway"?)`, 'ip, gateway'],
  ]),
  ...prop('addresses', [
    ['empty', [], 'is empty', 'a list of one { ip, gateway }'],
    ['missing', undefined, 'is missing', 'a list of one { ip, gateway }'],
    ['no list', V4, 'is not a list', 'a list of one'],
  ]),
];

const PORT = '1 to 65535';
const TWICE = { ...RULE, destinationIp: '203.0.113.27' };

const RULES: Row[] = [
  ...rule('port', [
    ['0', 0, 'is out of range', PORT],
    ['65536', 65536, 'is out of range', PORT],
    ['a half', 80.5, 'is not an integer', PORT],
    ['no number', Number.NaN, 'is not an integer', PORT],
    ['in quotes', '80', 'is not a number', PORT],
    ['missing', undefined, 'is missing', PORT],
    ['the health port', 9180, 'takes the health port', 'another health port'],
  ]),
  ...rule('targetPort', [['out of range', -1, 'is out of range', PORT]]),
  ...rule('protocol', [
    ['unknown', 'ICMP', 'is not known', 'TCP, UDP, SCTP'],
    ['in small letters', 'tcp', 'is not known', 'TCP, UDP, SCTP'],
  ]),
  ...rule('destinationIp', [
    ['of another family', '2001:db8::1', 'leads to 2001:db8::1, and no IPv6 address is', 'a reserved IPv6 address'],
    ['our own', '192.168.12.99', 'leads to the reserved address itself', 'a host'],
    ['loopback', '127.0.0.1', 'is a loopback address', 'a host'],
    ['multicast', '239.1.1.1', 'is a multicast address', 'a host'],
    ['with a mask', '203.0.113.26/32', 'carries a prefix length', 'without prefix'],
    ['a host name', 'db.example.com', 'is not an IP address', 'an IPv4 or IPv6 address'],
    ['broadcast', '192.168.12.255', 'leads to the broadcast address', 'a host'],
  ]),
  ...field('redirectRules[1]', (second) => ({ redirectRules: [RULE, second] }), [
    ['a port twice', TWICE, 'redirects TCP port 8443 as redirectRules[0] does already (to 203.0.113.26)', 'one rule'],
  ]),
  [
    'a destination beyond the subnet without gateway',
    { addresses: [{ ip: V4.ip }] },
    'redirectRules[0].destinationIp: "203.0.113.26" leads to 203.0.113.26, outside the subnet of 192.168.12.99/24, and there is no',
    'a gateway for addresses[0].ip',
  ],
  ['no rule', { redirectRules: undefined }, 'redirectRules: [] leaves nothing to redirect', 'or a fallback address'],
  ...prop('redirectRules', [['no list', RULE, 'is not a list', 'a list of']]),
  ...prop('fallbackIp', [
    ['loopback', '127.0.0.1', 'is a loopback address', 'a host'],
    ['with a mask', '203.0.113.27/32', 'carries a prefix length', 'without prefix'],
  ]),
];

const MODE = 'RouterMode.standalone({ … }) or RouterMode.operator()';
const SDN = "mode of OpenShift's SDN router, which is not supported";
const MONITORING = 'podMonitor, alerts, labels, scrapeInterval';

const MODES: Row[] = [
  ...prop('mode', [
    ['HTTP proxy', 'HTTPProxy', `is the HTTP-proxy ${SDN}`, MODE],
    ['DNS proxy', 'dns-proxy', `is the DNS-proxy ${SDN}`, MODE],
    ['of the custom resource', 'Redirect', 'is the mode of the custom resource, which every router has', MODE],
    ['unknown', 'Fast', 'is not a RouterMode', MODE],
    ['a kind alone', 'standalone', 'is not a RouterMode', MODE],
    ['another kind', { kind: 'Standalone' }, 'is not a RouterMode', MODE],
  ]),
  ...link('parentInterface', [
    ['over 127 bytes', 'ü'.repeat(64), 'is longer than 127 bytes', '1 to 127 bytes'],
    ['with a slash', 'eth/0', 'is not an interface name', '1 to 127 bytes'],
  ]),
  ...link('mode', [['unknown', 'Source', 'is not known', 'bridge, private, vepa, passthru']]),
  ...link('macAddress', [
    ['multicast', '01:00:5e:00:00:01', 'is a multicast address', 'a unicast MAC address'],
    ['zero', '00:00:00:00:00:00', 'is zero', 'a unicast MAC address'],
    ['malformed', '02:00:5e:10:00', 'is not a MAC address', 'a unicast MAC address'],
  ]),
  ...link('mtu', [['below the least', 67, 'is out of range', '68 to 65535']]),
  ...link('master', [['the key of the resource', 'eth1', UNKNOWN, 'parentInterface']]),
  ...field(
    'mode.link.parentInterface',
    (name) => ({ link: macvlan({ mode: 'Passthru', parentInterface: name, macAddress: MAC }) }),
    [['unnamed in passthru mode', undefined, 'must be named in passthru mode', 'the name of an interface']],
  ),
  ...field(
    'mode.link.macAddress',
    (mac) => ({ link: macvlan({ mode: 'Passthru', parentInterface: 'eth1', macAddress: mac }) }),
    [['derived in passthru mode', undefined, 'must be given in passthru mode', 'unicast']],
  ),
  ...option('link', [['plain options', { parentInterface: 'eth1' }, 'is not a Link', 'Link.macvlan({ … })']]),
  ...option('image', [
    ['missing', undefined, 'is missing', 'EgressRouterCluster'],
    ['empty', '', 'is empty', 'EgressRouterCluster'],
    ['with a space', 'a b', 'is not the name of an image', 'EgressRouterCluster'],
    ['with capitals', 'registry.example.com/Router:1', 'has capital letters in its path', 'in small letters'],
    ['an odd tag', 'router:', 'is not the name of an image', 'in small letters'],
  ]),
  ...option('pluginName', [['with a slash', '../sh', 'is not the name of a plugin', 'the file name of a CNI plugin']]),
  ...option('healthPort', [
    ['privileged', 1023, 'is out of range', 'an unprivileged port number'],
    ['a half', 1024.5, 'is not an integer', 'from 1024 to 65535'],
  ]),
  ...option('announcements', [['without end', 1000, 'is out of range', 'from 1 to 10']]),
  ...option('arpFramesPerSecond', [['none at all', 0, 'is out of range', 'from 1 to 10']]),
  ...option('connectionsPerClient', [['none at all', 0, 'is out of range', 'from 1 to 4000']]),
  ...option('liveRules', [['no switch', 'yes', 'is not a boolean', 'true or false']]),
  ...option('ruleMetrics', [['no switch', 1, 'is not a boolean', 'true or false']]),
  ...option('watchConflicts', [['no switch', {}, 'is not a boolean', 'true or false']]),
  ...option('operatorNames', [['no switch', 'yes', 'is not a boolean', 'true or false']]),
  ...option('detectConflicts', [['no switch', 0, 'is not a boolean', 'true or false']]),
  ...option('imagePullPolicy', [['unknown', 'Sometimes', 'is not known', 'IfNotPresent']]),
  ...option('dockerRegistryAuth', [['a text', 'registry', 'is not a Secret', 'a Secret of cdk8s-plus']]),
  ...option('monitoring', [['a switch', true, 'is not an object', 'an object']]),
  ...member('monitoring', 'podmonitor', [['misspelled', true, `${UNKNOWN} (did you mean "podMonitor"?)`, MONITORING]]),
  ...member('monitoring', 'podMonitor', [['no switch', 'no', 'is not a boolean', 'true or false']]),
  ...member('monitoring', 'alerts', [['no switch', [], 'is not a boolean', 'true or false']]),
  ...member('monitoring', 'scrapeInterval', [['a text', '15s', 'is not a Duration', 'Duration.seconds(5)']]),
  ...member('monitoring', 'from', [
    [
      'where every pod is admitted',
      [],
      'has no NetworkPolicy to be in: every pod is admitted',
      'or allowFrom beside it',
    ],
  ]),
  ...field('mode.monitoring.labels.release', (release) => ({ monitoring: { labels: { release } } }), [
    ['no label value', 'a b', 'is not a label value', 'a label value'],
  ]),
  ...field(`mode.monitoring.labels."${NAME}"`, (name) => ({ monitoring: { labels: { [NAME]: name } } }), [
    ["the router's own", 'x', 'is a label that the router sets', 'any other label'],
  ]),
  ...member('failover', 'conflictWait', [['a number', 10, 'is not a Duration', 'Duration.seconds(5)']]),
  ...member('failover', 'terminationGracePeriod', [['gone', 1, UNKNOWN, 'conflictWait']]),
  ...member('failover', 'blockDrain', [['no switch', 'yes', 'is not a boolean', 'true or false']]),
  ...member('connectionTimeouts', 'udp', [['a number', 30, 'is not a Duration', 'Duration.seconds(5)']]),
  ...member('connectionTimeouts', 'tcpClosed', [['unknown', 30, UNKNOWN, 'tcpHalfClosed']]),
  ...member('scheduling', 'priorityClassName', [['with a space', 'a b', 'is not such a name', 'DNS-1123']]),
  ...field('mode.scheduling.attract[0]', (node) => ({ scheduling: { attract: [node] } }), [
    ['labels', { egress: 'yes' }, 'is not of that type', 'Node.labeled'],
  ]),
  ...field('mode.resources.cpu.request', (request) => ({ resources: { cpu: { request } } }), [
    ['a text', '10m', 'is not one', 'Cpu.millis(10)'],
  ]),
  ...field('mode.resources.memory.limit', (limit) => ({ resources: { memory: { limit } } }), [
    ['a text', '64Mi', 'is not one', 'Size.mebibytes(64)'],
  ]),
];

const AMOUNTS: Row[] = [
  [
    'a wait beyond what a pod has',
    { failover: { conflictWait: Duration.minutes(3) } },
    'mode.failover.conflictWait: 3 minutes is longer',
    'at most 120 seconds',
  ],
  [
    'a timeout of no time',
    { connectionTimeouts: { udp: Duration.seconds(0) } },
    'mode.connectionTimeouts.udp: 0 seconds',
    'from 1 second to 5 days',
  ],
  [
    'a timeout of a week',
    { connectionTimeouts: { tcpEstablished: Duration.days(7) } },
    'mode.connectionTimeouts.tcpEstablished: 7 days',
    'from 1 second to 5 days',
  ],
  [
    'half a second',
    { failover: { evictFromUnreachableAfter: Duration.millis(500) } },
    'mode.failover.evictFromUnreachableAfter: 500 millis is not',
    'whole seconds',
  ],
  [
    'no interval',
    { monitoring: { scrapeInterval: Duration.seconds(0) } },
    'mode.monitoring.scrapeInterval: 0 seconds is',
    'at least one second',
  ],
  [
    'an interval without a PodMonitor',
    { monitoring: { podMonitor: false, scrapeInterval: Duration.seconds(15) } },
    'mode.monitoring.scrapeInterval: 15 seconds ',
    'podMonitor: true',
  ],
  [
    'a limit below the request',
    { resources: { cpu: { request: Cpu.units(1), limit: Cpu.millis(999) } } },
    'mode.resources.cpu.limit: {"amount":"999m"} is less than the request',
    'at least the request',
  ],
  [
    'memory in kibibytes',
    { resources: { memory: { request: Size.kibibytes(500) } } },
    'mode.resources.memory.request: 500Ki ',
    'whole mebibytes',
  ],
  [
    'ephemeral storage in mebibytes',
    { resources: { ephemeralStorage: { limit: Size.mebibytes(500) } } },
    'mode.resources.ephemeralStorage.limit: 500Mi ',
    'whole gibibytes',
  ],
  [
    'scrapers that are labels',
    { allowFrom: [], monitoring: { from: [{ app: 'x' }] } },
    'mode.monitoring.from[0]: {"app":"x"} is not of that type',
    'cdk8s-plus peers',
  ],
];

const METADATA: Row[] = [
  ...metadata('name', [
    ['that no Service can have', '1-db', 'is not such a name', 'beginning with a letter'],
    ['of 64 characters', 'a'.repeat(64), 'has 64 characters', 'at most 63'],
  ]),
  ...metadata('namespace', [['with a dot', 'a.b', 'is not such a name', 'DNS-1123']]),
  ...metadata('finalizers', [['of several objects', ['a'], UNKNOWN, 'annotations']]),
  ...metadata('labels', [['a text', 'abc', 'is not an object', 'an object']]),
  ...field('metadata.labels.a', (a) => ({ metadata: { labels: { a } } }), [
    ['a number', 1, 'is not a string', 'a label value'],
    ['with a space', 'x y', 'is not a label value', 'at most 63'],
    ['of 64 characters', 'x'.repeat(64), 'is not a label value', 'at most 63'],
  ]),
  ...field('metadata.labels."a b"', (value) => ({ metadata: { labels: { 'a b': value } } }), [
    ['a key with a space', 'x', 'has a key that is not a qualified name', 'DNS subdomain'],
  ]),
  ...field(`metadata.labels."${NAME}"`, (value) => ({ metadata: { labels: { [NAME]: value } } }), [
    ["the router's own", 'x', 'is a label that the router sets', 'any other label'],
  ]),
  ...field('metadata.annotations.a', (a) => ({ metadata: { annotations: { a } } }), [
    ['a boolean', true, 'is not a string', 'a string'],
  ]),
  ...prop('metadata', [
    ['a text', 'db', 'is not an object', 'an object'],
    ['a list', [], 'is not an object', 'an object'],
  ]),
  ...prop('cluster', [['a name', 'prod', 'is not a cluster', 'an EgressRouterCluster']]),
  ...prop('network', [['a name', 'lan', 'is not a network', 'an EgressRouterNetwork']]),
  ...prop('argoCdSyncWave', [['a text', '1', 'is not a number', 'a sync wave']]),
  ...field('allowFrom[0]', (peer) => ({ allowFrom: [peer] }), [
    ['labels', { app: 'x' }, 'is not of that type', 'cdk8s-plus peers'],
  ]),
];

const TYPES = 'ClusterIP, NodePort, LoadBalancer';
const A = { port: 443, targetPort: 8443, name: 'a' };
const RULES_NAME = { ...A, name: 'tcp-8443' };
const NODE_PORT = { port: 8443, nodePort: 30443 };
const CLUSTER_IP = "an IP address of the cluster's Service network";

const SERVICE: Row[] = [
  ...service('name', [['in capitals', 'DB', 'is not such a name', 'lower-case']]),
  ...service('type', [
    ['in small letters', 'nodeport', 'is not known', TYPES],
    ['without cluster IP', 'ExternalName', 'is not known', TYPES],
  ]),
  ...service('typ', [['misspelled', 'NodePort', `${UNKNOWN} (did you mean "type"?)`, 'annotations']]),
  ...field('service.annotations.a', (a) => ({ service: { annotations: { a } } }), [
    ['a number', 1, 'is not a string', 'a string'],
  ]),
  ...field('service.labels.a', (a) => ({ service: { labels: { a } } }), [
    ['with a space', 'x y', 'is not a label value', 'at most 63'],
  ]),
  ...field(`service.labels."${NAME}"`, (value) => ({ service: { labels: { [NAME]: value } } }), [
    ["the router's own", 'x', 'is a label that the router sets', 'any other label'],
  ]),
  ...service('clusterIp', [
    ['none', 'None', 'makes the Service headless, and clients then connect to the address of the pod', CLUSTER_IP],
    ['with a prefix', '172.30.0.9/16', 'carries a prefix length', CLUSTER_IP],
    ['loopback', '127.0.0.1', 'is a loopback address', CLUSTER_IP],
  ]),
  ...service('externalTrafficPolicy', [
    ['of a cluster IP', 'Local', 'is for traffic from outside the cluster', 'of type NodePort or LoadBalancer'],
  ]),
  ...service('externalTrafficPolicy', [['unknown', 'local', 'is not known', 'Cluster, Local']], { type: 'NodePort' }),
  ...service('loadBalancerSourceRanges', [['of no type', ['10.0.0.0/8'], 'is for a load balancer', 'LoadBalancer']]),
  ...service(
    'loadBalancerSourceRanges',
    [['of a node port', ['10.0.0.0/8'], 'is for a load balancer', 'LoadBalancer']],
    {
      type: 'NodePort',
    },
  ),
  ...service('loadBalancerSourceRanges', [['empty', [], 'is empty', '["10.0.0.0/8"]']], { type: 'LoadBalancer' }),
  ...field(
    'service.loadBalancerSourceRanges[0]',
    (range) => ({ service: { type: 'LoadBalancer', loadBalancerSourceRanges: [range] } }),
    [
      ['an address', '10.0.0.1', 'has no prefix length', 'a network with its prefix length'],
      ['a number', 10, 'is not a string', '["10.0.0.0/8"]'],
    ],
  ),
  ...field('service.ports[0].nodePort', (nodePort) => ({ service: { ports: [{ port: 8443, nodePort }] } }), [
    ['of a cluster IP', 30443, 'is a node port of a Service that has none', 'NodePort or LoadBalancer'],
  ]),
  ...field(
    'service.ports[1].nodePort',
    (nodePort) => ({ service: { type: 'NodePort', ports: [NODE_PORT, { ...A, nodePort }] } }),
    [['twice', 30443, 'is service.ports[0].nodePort already', 'another node port']],
  ),
  ...field('service.ports[1]', (second) => ({ service: { ports: [A, second] } }), [
    ['a port twice', { ...A, name: 'b' }, 'is TCP port 443 as service.ports[0] is already', 'one entry'],
    ['a name twice', { ...A, port: 444 }, 'is named "a" as service.ports[0] is already', 'a name that no other port'],
  ]),
  ...field('service.ports[0]', (port) => ({ service: { ports: [port] } }), [
    ["a rule's name", RULES_NAME, 'is named "tcp-8443", which is the name of TCP port 8443', 'a name that no other'],
  ]),
  ...field('service.ports[0].name', (name) => ({ service: { ports: [{ port: 8443, name }] } }), [
    ['with capitals', 'HTTPS', 'is not such a name', 'DNS-1123'],
  ]),
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
    'an IPv6 address',
    { addresses: [V6], redirectRules: [{ ...RULE, destinationIp: '2001:db8::1' }] },
    'addresses[0].ip: "2001:db8:12::99/64" is an IPv6 address, which the operator\'s plugin always fails to set up',
    'RouterMode.standalone()',
  ],
  [
    'a second address',
    { addresses: [V4, V6] },
    'addresses[1].ip: "2001:db8:12::99/64" is an IPv6 address',
    'RouterMode.standalone()',
  ],
  [
    'no gateway',
    { addresses: [{ ip: V4.ip }], redirectRules: [{ ...RULE, destinationIp: '192.168.12.26' }] },
    'addresses[0].gateway: (nothing) is missing, and the operator cannot render a router without it',
    'the address of the gateway',
  ],
  ...field('mode.networkInterface.macvlan.mode', (mode) => ({ networkInterface: { macvlan: { mode } } }), [
    ['passthru', 'Passthru', 'needs a parent interface and a MAC address', 'another mode'],
    ['unknown', 'Source', 'is not known', 'bridge, private, vepa, passthru'],
  ]),
  ...field('mode.networkInterface.macvlan.mtu', (mtu) => ({ networkInterface: { macvlan: { mtu } } }), [
    ['any', 1400, 'is not a field of an EgressRouter resource', 'RouterMode.standalone()'],
  ]),
  ...field('mode.networkInterface.ipvlan', (ipvlan) => ({ networkInterface: { ipvlan } }), [
    ['another kind of interface', {}, UNKNOWN, 'macvlan'],
  ]),
];

/** Keys that belong elsewhere, and where. */
const KEYS: Row[] = [
  ...prop('redirectRule', [['misspelled', [RULE], meant('redirectRules'), 'addresses']]),
  ...prop('provisioning', [['of an older version', 'standalone', meant('mode'), 'addresses']]),
  ...prop('image', [['an option', 'x', meant('mode: RouterMode.standalone({ image })'), 'mode']]),
  ...prop('liveRules', [['an option', true, meant('mode: RouterMode.standalone({ liveRules })'), 'mode']]),
  ...prop('failover', [['an option', {}, meant('mode: RouterMode.standalone({ failover })'), 'mode']]),
  ...prop('macAddress', [
    ['an option', 'x', meant('mode: RouterMode.standalone({ link: Link.macvlan({ macAddress }) })'), 'mode'],
  ]),
  ...prop('networkInterface', [
    ['an option', {}, meant('mode: RouterMode.standalone({ link: Link.macvlan({ … }) })'), 'mode'],
  ]),
  ...prop('redirect', [
    ['of the resource', {}, meant('redirectRules and fallbackIp, without redirect around them'), ''],
  ]),
  ...prop('platform', [['of the cluster', 'vSphere', meant('platform of the EgressRouterCluster'), 'cluster']]),
  ...prop('fallbackIP', [['of the resource', '203.0.113.27', meant('fallbackIp'), 'fallbackIp']]),
];

describe.each<[string, (changes: object) => object, Row[]]>([
  ['addresses', standalone, ADDRESSES],
  ['rules', standalone, RULES],
  ['the mode', standalone, MODES],
  ['amounts', standalone, AMOUNTS],
  ['metadata and other props', standalone, METADATA],
  ['the Service', standalone, SERVICE],
  ['operator mode', operator, OPERATOR_ROWS],
  ['keys', (changes) => ({ ...STANDALONE, ...changes }), KEYS],
])('%s', (_, routerWith, rows) => {
  test('a good router is not refused', () => expect(errorsOf(routerWith({}))).toEqual([]));

  test.each(rows)('%s', (_what, changes, begins, accepted) => {
    const errors = errorsOf(routerWith(changes));
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
  const redirectRules = [{ ...RULE, destinationIp: '2001:db8::1' }];
  expect(errorsOf({ ...STANDALONE, addresses: [V6], redirectRules })).toEqual([]);
});

test('one port may be redirected in each family', () => {
  const redirectRules = [RULE, { ...RULE, destinationIp: '2001:db8::1' }];
  expect(errorsOf({ ...STANDALONE, addresses: [V4, V6], redirectRules })).toEqual([]);
});

test.each([
  'egress-router',
  'team/egress-router:0.1.0',
  'localhost/egress-router',
  'Registry.Example.com:5000/team/egress-router:V1',
  `registry.example.com/egress-router@sha256:${'0123456789abcdef'.repeat(4)}`,
  `registry.example.com:5000/egress-router:1@sha256:${'0'.repeat(64)}`,
])('%s is the name of an image', (image) => expect(errorsOf(standalone({ image }))).toEqual([]));

test('a Lazy value, which is known at synth only, is refused by name', () => {
  const later = Lazy.any({ produce: () => 'x' }) as never;
  const problem = 'is a Lazy value, and values are checked when the construct is made';
  for (const [path, props] of [
    ['mode.image', standalone({ image: later })],
    ['addresses', { ...STANDALONE, addresses: later }],
    ['addresses[0].ip', { ...STANDALONE, addresses: [{ ip: later }] }],
    ['fallbackIp', { ...STANDALONE, fallbackIp: later }],
  ] as const) {
    const [error, ...others] = errorsOf(props);
    expect(others).toEqual([]);
    expect(error!.split(': ')[0]).toBe(`[prod/db] ${path}`);
    expect(error).toContain(`} ${problem}; accepted: `);
  }
});

test('an option of the other mode is not known', () => {
  const options = { image: 'x' } as object;
  expect(errorsOf({ ...OPERATOR, mode: RouterMode.operator(options) })).toEqual([
    `[prod/db] mode.image: "x" ${UNKNOWN}; accepted: networkInterface`,
  ]);
  expect(errorsOf(standalone({ networkInterface: {} } as object))).toEqual([
    expect.stringContaining(`[prod/db] networkInterface: {} ${UNKNOWN}`),
  ]);
  const both = { image: 'x', networkInterface: {} } as object;
  expect(errorsOf({ ...OPERATOR, mode: RouterMode.standalone(both) })).toEqual([
    expect.stringContaining(`[prod/db] mode.networkInterface: {} ${UNKNOWN}; accepted: image, `),
  ]);
});

test('every mistake of a router is named at once', () => {
  const options = { image: '', link: Link.macvlan({ macAddress: 'y' }), liveRule: true, healthPort: 80 };
  const errors = errorsOf({
    mode: RouterMode.standalone(options),
    addresses: [{ ip: 'x' }],
    redirectRules: [{ port: 0 }],
    metadata: { name: 'DB' },
    provisioning: 'standalone',
    cluster: 'z',
  });
  expect(errors.map((error) => error.slice('[prod/db] '.length).split(':')[0])).toEqual([
    'cluster',
    'mode.liveRule',
    'mode.image',
    'provisioning',
    'metadata.name',
    'mode.healthPort',
    'addresses[0].ip',
    'redirectRules[0].port',
    'redirectRules[0].protocol',
    'redirectRules[0].destinationIp',
    'mode.link.macAddress',
  ]);
});

test('garbage of any type is an error, never an exception of another kind', () => {
  const printed = jest.spyOn(console, 'error').mockImplementation(() => {});
  for (const garbage of [null, 0, '', 'x', [], {}, [null], [[]], [{}], true, Number.NaN]) {
    const changed = [
      ...EGRESS_ROUTER_KEYS.map((key) => ({ ...STANDALONE, [key]: garbage })),
      ...STANDALONE_ROUTER_KEYS.map((key) => standalone({ [key]: garbage })),
      ...['mode', 'parentInterface', 'mtu', 'macAddress'].map((key) =>
        standalone({ link: macvlan({ [key]: garbage }) }),
      ),
      standalone({ link: macvlan(garbage as object) }),
      operator({ networkInterface: garbage as object }),
      operator({ networkInterface: { macvlan: garbage as object } }),
      { ...STANDALONE, mode: RouterMode.standalone(garbage as object) },
      { ...STANDALONE, mode: RouterMode.operator(garbage as object) },
    ];
    for (const props of changed) {
      for (const error of errorsOf(props)) expect(error).toMatch(/^\[prod\/db\] \S+: .+; accepted: .+/);
    }
  }
  printed.mockRestore();
});
