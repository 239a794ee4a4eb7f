import * as pulumi from '@pulumi/pulumi';
import { ConfigError } from '../../src/domain/input/issue';

/** Which inputs identify what a resource holds, the port first, and what that is called. */
export interface Holding {
  readonly identity: readonly ['portId', ...string[]];
  readonly kind: 'pair' | 'port';
}

/** The resource of each pair and port, for each run of a program: programs of the Automation API share a process. */
const ownersByStack = new WeakMap<object, Map<string, string>>();

/**
 * Registers the resource of a pair or port, and rejects a second one: they would undo each other's change. Does nothing
 * outside of a stack, as in tests.
 *
 * @param inputs its checked inputs
 * @param where names the resource, for messages
 * @returns the inputs; one of them fails later if its value is not known yet and belongs to another resource
 * @throws an error that names both resources
 */
export function recordOwner(inputs: pulumi.Inputs, where: string, { identity, kind }: Holding): pulumi.Inputs {
  const stack = pulumi.runtime.getStackResource();
  if (stack === undefined) return inputs;
  const owners = ownersByStack.get(stack) ?? new Map<string, string>();
  ownersByStack.set(stack, owners);
  const values = identity.map((name) => inputs[name]);
  const future = identity.find((name) => typeof inputs[name] !== 'string');
  if (future === undefined) {
    enter(values as string[], owners, where, kind);
    return inputs;
  }
  const checked = pulumi.all(values).apply((known) => {
    enter(known as string[], owners, where, kind);
    return known[identity.indexOf(future)];
  });
  return { ...inputs, [future]: checked };
}

function enter(identity: readonly string[], owners: Map<string, string>, where: string, kind: Holding['kind']): void {
  const [portId, ...pair] = identity;
  const key = [kind, ...identity].join(' ');
  const owner = owners.get(key);
  if (owner === undefined) {
    owners.set(key, where);
    return;
  }
  const same = kind === 'pair' ? `, with the same pair (${pair.join(', ')})` : '';
  const problem = `is the port of ${owner} too${same}`;
  throw new ConfigError([{ path: 'portId', value: portId, problem, accepted: `each ${kind} once in a stack` }], where);
}
