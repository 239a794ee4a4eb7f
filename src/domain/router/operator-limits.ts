import type { Field } from '../input/decoder';
import { parseCidr } from '../values/cidr';
import { DEFAULT_MACVLAN } from '../values/macvlan';
import { Platform } from './platform';
import type { RouterSpec } from './router-spec';

const ELSEWHERE = 'RouterMode.standalone() for this; in operator mode';

/**
 * Refuses what an EgressRouter resource cannot say, and what the operator's plugin is known to get wrong.
 *
 * @param needsRules whether a fallback without a rule is refused
 * @see https://github.com/openshift/cluster-network-operator/tree/master/bindata/egress-router
 */
export function refuseBeyondOperator(props: Field, needsRules = true): void {
  const list = props.member('addresses');
  const addresses = Array.isArray(list.value) ? list.elements('') : [];
  for (const [index, address] of addresses.entries()) refuseAddressBeyondOperator(address, index);
  const rules = props.member('redirectRules');
  const hasRules = [rules, props.member('hosts')].some(({ value }) => Array.isArray(value) && value.length > 0);
  if (needsRules && props.member('fallbackIp').isPresent && !hasRules) {
    rules.refuse(
      "leaves nothing to redirect: the operator's plugin does not read fallbackIp",
      `${ELSEWHERE} at least one redirect rule`,
    );
  }
  const macvlan = props.member('mode').member('networkInterface').member('macvlan');
  const mode = macvlan.member('mode');
  if (typeof mode.value === 'string' && mode.value.toLowerCase() === 'passthru') {
    mode.refuse(
      'needs a parent interface and a MAC address, and the operator passes neither on',
      `${ELSEWHERE} another mode`,
    );
  }
  refuseMtu(macvlan.member('mtu'));
}

/** The custom resource has no field for an MTU. */
export function refuseMtu(mtu: Field): void {
  if (mtu.isPresent) mtu.refuse('is not a field of an EgressRouter resource', `${ELSEWHERE} no mtu`);
}

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
      "the parent interface and the mode of macvlan: the operator does not pass them on; net1 is made in bridge mode on the interface of the node's default route",
    );
  }
  if (spec.platform === Platform.OPENSTACK) {
    warnings.push(
      "platform: OpenStack drops packets with a MAC address that the node's port does not allow, and the operator's plugin draws a new one at every start; switch port security off for the port, or use RouterMode.standalone()",
    );
  }
  return warnings;
}
