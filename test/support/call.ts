import { type CniError, toCniError } from '../../cni/protocol/cni-error';
import { type AnyInvocation, type Environment, readInvocation } from '../../cni/protocol/invocation';

/** What the runtime says about a pod. */
export const ENVIRONMENT = {
  CNI_CONTAINERID: 'c0ffee',
  CNI_NETNS: '/run/netns/pod',
  CNI_IFNAME: 'net1',
  CNI_PATH: '/opt/cni/bin',
};

export const NETWORK = {
  cniVersion: '1.1.0',
  name: 'db',
  type: 'egress-router',
  ip: { addresses: ['192.168.12.99/24'], gateway: '192.168.12.1', destinations: ['8443 TCP 203.0.113.26 443'] },
};

/** What the runtime keeps of ADD for CHECK. */
export const RESULT_OF_ADD = { interfaces: [{ name: 'net1', sandbox: ENVIRONMENT.CNI_NETNS }] };

/** The call as the plugin understands it. CHECK has the result of ADD. */
export function call(command: string, changes: object = {}, environment: Environment = {}): AnyInvocation {
  const prevResult = command === 'CHECK' ? { prevResult: RESULT_OF_ADD } : {};
  return readInvocation(
    { ...ENVIRONMENT, CNI_COMMAND: command, ...environment },
    JSON.stringify({ ...NETWORK, ...prevResult, ...changes }),
  );
}

/** The error of a call that is refused. */
export function refusal(attempt: () => unknown): CniError {
  let result: unknown;
  try {
    result = attempt();
  } catch (error) {
    return toCniError(error);
  }
  throw new Error(`accepted: ${JSON.stringify(result)}`);
}
