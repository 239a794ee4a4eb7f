import * as pulumi from '@pulumi/pulumi';
import { ConfigError } from '../../src/domain/input/issue';
import { PAIR_IDENTITY } from './pair-inputs';

/** Which resource has which pair, in each run of a program: programs of the Automation API share a process. */
const ownersByStack = new WeakMap<object, Map<string, string>>();

/**
 * Records which resource has a pair, and refuses a second one: they would remove it from each other's port. Nothing outside of a
 * stack, where tests construct what they like.
 *
 * @param inputs its `portId`, `ipAddress` and `macAddress`, read
 * @param where whose inputs they are
 * @returns the inputs, one of which fails later where the pair is not known yet and turns out to be another's
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
