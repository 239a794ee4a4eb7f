import * as pulumi from '@pulumi/pulumi';
import { ConfigError } from '../../src/domain/input/issue';
import { PAIR_IDENTITY } from './pair-inputs';

/** The resource of each pair, for each run of a program: programs of the Automation API share a process. */
const ownersByStack = new WeakMap<object, Map<string, string>>();

/**
 * Registers the resource of a pair, and rejects a second one: they would remove the pair from each other's port. Does
 * nothing outside of a stack, as in tests.
 *
 * @param inputs its checked `portId`, `ipAddress` and `macAddress`
 * @param where names the resource, for messages
 * @returns the inputs; one of them fails later if the pair is not known yet and belongs to another resource
 * @throws an error that names both resources
 */
export function recordPairOwner(inputs: pulumi.Inputs, where: string): pulumi.Inputs {
  const stack = pulumi.runtime.getStackResource();
  if (stack === undefined) return inputs;
  const owners = ownersByStack.get(stack) ?? new Map<string, string>();
  ownersByStack.set(stack, owners);
  const identity = PAIR_IDENTITY.map((name) => inputs[name]);
  const future = PAIR_IDENTITY.find((name) => typeof inputs[name] !== 'string');
  if (future === undefined) {
    enter(identity as string[], owners, where);
    return inputs;
  }
  const checked = pulumi.all(identity).apply((known) => {
    enter(known as string[], owners, where);
    return known[PAIR_IDENTITY.indexOf(future)];
  });
  return { ...inputs, [future]: checked };
}

function enter([portId, ...pair]: readonly string[], owners: Map<string, string>, where: string): void {
  const key = [portId, ...pair].join(' ');
  const owner = owners.get(key);
  if (owner === undefined) {
    owners.set(key, where);
    return;
  }
  const problem = `is the port of ${owner} too, with the same pair (${pair.join(', ')})`;
  throw new ConfigError([{ path: 'portId', value: portId, problem, accepted: 'each pair once in a stack' }], where);
}
