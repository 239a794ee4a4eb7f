import { type Issue, shorten } from './issue';
import { encodeNetworkConfig, type NetworkConfig } from './network-config';

/** What of a configuration may change while a pod lives. */
const RULES = { rules: [], fallbacks: [] } as const;

/** Each value beside the rules and the fallback that is not the one that a pod was made with: only ADD brings it into a pod. */
export function changesBesidesRules(made: NetworkConfig, wanted: NetworkConfig): Issue[] {
  const [before, after] = [made, wanted].map((config) => leaves(encodeNetworkConfig({ ...config, ...RULES })));
  const paths = new Set([...before!.keys(), ...after!.keys()]);
  return [...paths].flatMap((path) => {
    const [was, is] = [before!.get(path), after!.get(path)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    const problem = `is not what this pod was made with (${was === undefined ? 'nothing' : shorten(JSON.stringify(was))})`;
    return [
      { path, value: is, problem, accepted: 'the same, until the pod is restarted: it needs a restart of the pod' },
    ];
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
