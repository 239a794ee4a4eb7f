import type { Issue } from '../input/issue';
import { valueText } from '../input/value-text';
import { encodeNetworkConfig, type NetworkConfig } from './network-config';

/** The part of a configuration that is fixed for the life of a pod: without rules and hosts. */
export function withoutRules(config: NetworkConfig): NetworkConfig {
  return { ...config, rules: [], hosts: [], fallbacks: [] };
}

/** Changed values other than rules and fallbacks: only ADD can apply them to a pod. */
export function changesBesidesRules(made: NetworkConfig, wanted: NetworkConfig): Issue[] {
  const [before, after] = [made, wanted].map((config) => leaves(encodeNetworkConfig(withoutRules(config))));
  const paths = new Set([...before!.keys(), ...after!.keys()]);
  return [...paths].flatMap((path) => {
    const [was, is] = [before!.get(path), after!.get(path)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    const problem = `is not what this pod was made with (${was === undefined ? 'nothing' : valueText(was)})`;
    return [{ path, value: is, problem, accepted: 'the same; another value needs a restart of the pod' }];
  });
}

/** The values of an object by their paths; lists are values. */
function leaves(object: object, prefix = ''): Map<string, unknown> {
  const entries = Object.entries(object).flatMap(([key, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [...leaves(value, `${prefix}${key}.`)]
      : [[`${prefix}${key}`, value]],
  );
  return new Map(entries);
}
