import { CODES } from '../../../cni/protocol/cni-error';
import type { Invocation } from '../../../cni/protocol/invocation';
import { call, NETWORK, refusal } from '../../support/call';

const [OWN, ARGUMENT, CAPABILITY] = ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'];
const DERIVED = 'e2:65:c0:a8:0c:63';

const config = (changes: object, args?: string) => (call('ADD', changes, { CNI_ARGS: args }) as Invocation).config;

test.each([
  [OWN, ARGUMENT, CAPABILITY, CAPABILITY],
  [OWN, ARGUMENT, undefined, ARGUMENT],
  [OWN, undefined, CAPABILITY, CAPABILITY],
  [undefined, ARGUMENT, CAPABILITY, CAPABILITY],
  [OWN, undefined, undefined, OWN],
  [undefined, ARGUMENT, undefined, ARGUMENT],
  [undefined, undefined, CAPABILITY, CAPABILITY],
  [undefined, undefined, undefined, DERIVED],
  [OWN, '', '', OWN],
])('mac %s, CNI_ARGS MAC %s, runtimeConfig.mac %s: the router has %s', (mac, argument, capability, wanted) => {
  const args = argument === undefined ? undefined : `IgnoreUnknown=1;MAC=${argument};FOO=bar`;
  expect(config({ mac, runtimeConfig: { mac: capability } }, args).macAddress).toBe(wanted);
});

test('addresses of the runtime stand in for those of the configuration, and the MAC follows them', () => {
  const { addresses, macAddress } = config({ runtimeConfig: { ips: ['192.168.12.7/24'] } });
  expect(addresses.map(({ cidr, gateway }) => [cidr.text, gateway?.text])).toEqual([
    ['192.168.12.7/24', '192.168.12.1'],
  ]);
  expect(macAddress).toBe('e2:65:c0:a8:0c:07');
});

test.each([[undefined], [null], [[]]])('ips that are %j change nothing', (ips) => {
  expect(config({ runtimeConfig: { ips } })).toEqual(config({}));
});

test('a configuration may leave the address to the runtime', () => {
  const { addresses: _, ...ip } = NETWORK.ip;
  expect(config({ ip, runtimeConfig: { ips: ['192.168.12.7/24'] } }).addresses).toHaveLength(1);
});

test('other runtime arguments are ignored', () => {
  expect(config({ runtimeConfig: { portMappings: [], bandwidth: {} }, args: { cni: {} } })).toEqual(config({}));
});

test.each([
  [
    { runtimeConfig: { ips: ['192.168.12.7'] } },
    undefined,
    'runtimeConfig.ips[0]: "192.168.12.7" has no prefix length',
  ],
  [{ runtimeConfig: { ips: '192.168.12.7/24' } }, undefined, 'runtimeConfig.ips: "192.168.12.7/24" is not a list'],
  [
    { runtimeConfig: { ips: ['10.0.0.7/24'] } },
    undefined,
    'ip.gateway: "192.168.12.1" is outside the subnet of 10.0.0.7/24',
  ],
  [
    { runtimeConfig: { ips: ['192.168.12.7/24', '192.168.12.8/24'] } },
    undefined,
    'runtimeConfig.ips[1]: "192.168.12.8/24" is a second IPv4 address beside runtimeConfig.ips[0]',
  ],
  [{ runtimeConfig: { mac: 'x' } }, undefined, 'runtimeConfig.mac: "x" is not a MAC address'],
  [{ runtimeConfig: 7 }, undefined, 'runtimeConfig: 7 is not an object'],
  [{}, 'MAC=01:00:5e:00:00:01', 'CNI_ARGS MAC: "01:00:5e:00:00:01" is a multicast address'],
  [{ mac: 'x', runtimeConfig: { mac: OWN } }, undefined, 'mac: "x" is not a MAC address'],
])('%j with CNI_ARGS %j is refused where it came from', (changes, args, line) => {
  const error = refusal(() => config(changes, args));
  expect(error.code).toBe(CODES.INVALID_CONFIG);
  expect(error.details).toContain(line);
});

test.each([
  undefined,
  '',
  'IgnoreUnknown=1',
  'IgnoreUnknown=true;K8S_POD_NAMESPACE=egress;K8S_POD_NAME=db;K8S_POD_INFRA_CONTAINER_ID=c0ffee;K8S_POD_UID=1',
  'K8S_POD_NAME=db;',
  'IgnoreUnknown=True;IP=192.168.12.7;a=b=c;EMPTY=',
  // As Multus passes on what it got from containerd.
  `IgnoreUnknown=true;K8S_POD_NAMESPACE=egress;K8S_POD_NAME=db;K8S_POD_INFRA_CONTAINER_ID=c0ffee;K8S_POD_UID=1;\
IgnoreUnknown=1;K8S_POD_NAMESPACE=egress;K8S_POD_NAME=db;K8S_POD_INFRA_CONTAINER_ID=c0ffee;K8S_POD_UID=1`,
  'FOO=1;IgnoreUnknown=1;FOO=2',
])('CNI_ARGS %j is accepted', (args) => expect(config({}, args)).toEqual(config({})));

test.each([
  ['FOO=bar', '"FOO" is not known'],
  ['IgnoreUnknown=0;FOO=bar', '"FOO" is not known'],
  ['IgnoreUnknown=yes;IP=1.2.3.4', '"IP" is not known'],
  ['MAC', '"MAC" is not a pair'],
  ['IgnoreUnknown=1;=x', '"=x" is not a pair'],
  ['IgnoreUnknown=0;IgnoreUnknown=no;FOO=bar', '"FOO" is not known'],
])('CNI_ARGS %j is refused', (args, problem) => {
  expect(refusal(() => config({}, args))).toMatchObject({
    code: CODES.INVALID_ENVIRONMENT,
    message: 'invalid CNI_ARGS',
    details: expect.stringContaining(`CNI_ARGS: ${problem}; accepted: KEY=VALUE`),
  });
});

test.each([
  ['K8S_POD_NAMESPACE=evil;K8S_POD_NAMESPACE=prod', 'K8S_POD_NAMESPACE'],
  ['IgnoreUnknown=1;K8S_POD_NAMESPACE=;K8S_POD_NAMESPACE=prod', 'K8S_POD_NAMESPACE'],
  ['MAC=02:00:5e:10:00:01;MAC=02:00:5e:10:00:02', 'MAC'],
])('CNI_ARGS %j is refused, which leaves a choice', (args, key) => {
  expect(refusal(() => config({}, args))).toMatchObject({
    code: CODES.INVALID_ENVIRONMENT,
    details: expect.stringContaining(`CNI_ARGS: "${key}" is there with two values; accepted: one value for each key`),
  });
});
