import type { Field } from '../input/decoder';
import { parseCidr } from '../values/cidr';
import { DEFAULT_MACVLAN } from '../values/macvlan';
import { Platform } from './platform';
import type { RouterSpec } from './router-spec';

const ELSEWHERE = 'provisioning "standalone" for this; in operator mode';

/**
 * Refuses what an EgressRouter resource cannot say, and what the operator's plugin is known to get wrong.
 *
 * @see https://github.com/openshift/cluster-network-operator/tree/master/bindata/egress-router
 */
export function refuseBeyondOperator(props: Field): void {
  const list = props.member('addresses');
  const addresses = Array.isArray(list.value) ? list.elements('') : [];
  for (const [index, address] of addresses.entries()) refuseAddressBeyondOperator(address, index);
  const rules = props.member('redirectRules');
  if (props.member('fallbackIp').isPresent && !(Array.isArray(rules.value) && rules.value.length > 0)) {
    rules.refuse(
      "leaves nothing to redirect: the operator's plugin does not read fallbackIp",
      `${ELSEWHERE} at least one redirect rule`,
    );
  }
  const macvlan = props.member('networkInterface').member('macvlan');
  const [mode, mtu] = [macvlan.member('mode'), macvlan.member('mtu')];
  if (typeof mode.value === 'string' && mode.value.toLowerCase() === 'passthru') {
    mode.refuse(
      'needs a parent interface and a MAC address, and the operator passes neither on',
      `${ELSEWHERE} another mode`,
    );
  }
  for (const [key, problem] of Object.entries(IN_THE_POD)) {
    const field = props.member(key);
    if (field.isPresent) field.refuse(problem, `${ELSEWHERE} nothing here`);
  }
  for (const field of [...STANDALONE_ONLY.map((key) => props.member(key)), mtu]) {
    if (field.isPresent) field.refuse('has no place in an EgressRouter resource', `${ELSEWHERE} nothing here`);
  }
}

/** Props that only make sense for a Deployment of our own. */
const STANDALONE_ONLY = [
  'macAddress',
  'pluginName',
  'image',
  'imagePullPolicy',
  'dockerRegistryAuth',
  'resources',
  'scheduling',
  'failover',
  'healthPort',
  'announcements',
  'detectConflicts',
  'operatorNames',
];

/** What is the work of our process in the pod. The operator's pod has another, which only keeps it alive. */
const IN_THE_POD = {
  liveRules:
    "asks for rules that change in a running pod, and the operator's plugin reads them only when its pod starts",
  ruleMetrics: 'asks for metrics, and the pod that the operator makes has none',
  watchConflicts: 'asks for a process that watches the network, and the pod that the operator makes has none',
  monitoring: 'asks for metrics to be scraped, and the pod that the operator makes has none',
};

function refuseAddressBeyondOperator(address: Field, index: number): void {
  const ip = address.member('ip');
  const cidr = typeof ip.value === 'string' ? parseCidr(ip.value) : '';
  if (typeof cidr === 'string') return;
  if (cidr.address.family === 6) {
    ip.refuse("is an IPv6 address, which the operator's plugin always fails to set up", `${ELSEWHERE} an IPv4 address`);
  } else if (index > 0) {
    ip.refuse("is not used by the operator's plugin, which takes the first address only", `${ELSEWHERE} one address`);
  }
  const gateway = address.member('gateway');
  if (gateway.isPresent) return;
  gateway.refuse(
    'is missing, and the operator cannot render a router without it',
    `${ELSEWHERE} the address of the gateway`,
  );
}

/** What an EgressRouter resource can say and the operator's plugin, as of 2026, does not do. */
export function operatorWarnings(spec: RouterSpec): string[] {
  const warnings = [];
  if (spec.fallback !== undefined) {
    warnings.push(
      "fallbackIp: the operator's plugin does not read it; connections to ports without a rule are refused",
    );
  }
  if (spec.macvlan.master !== undefined || spec.macvlan.mode !== DEFAULT_MACVLAN.mode) {
    warnings.push(
      "networkInterface: the operator does not pass it on; net1 is made in bridge mode on the interface of the node's default route",
    );
  }
  if (spec.platform === Platform.OPENSTACK) {
    warnings.push(
      'platform: OpenStack drops packets with a MAC address that the node\'s port does not allow, and the operator\'s plugin draws a new one at every start; switch port security off for the port, or use provisioning "standalone"',
    );
  }
  return warnings;
}
