import type { Issue } from '../../src/domain/input/issue';

/** The keys of CNI_ARGS that this plugin reads. */
export interface ContainerArguments {
  readonly mac?: string;
  /** Namespace of the pod, as Kubernetes' runtimes and Multus say it. */
  readonly podNamespace?: string;
}

const ACCEPTED = 'KEY=VALUE pairs separated by ";"; known: MAC and K8S_*; IgnoreUnknown=true allows others';

/** The keys of which two different values would be a choice: another program may take the other one. */
const DECIDING = ['MAC', 'K8S_POD_NAMESPACE'];

/**
 * Reads CNI_ARGS, such as `IgnoreUnknown=1;K8S_POD_NAME=db;MAC=02:00:5e:10:00:01`. As in the specification's own
 * library, an unknown key is an error unless the runtime allows it. Multus writes its own pairs beside those that it
 * got from the runtime, so a key may be there twice; a key that decides something must have one value.
 */
export function readContainerArguments(text: string, issues: Issue[]): ContainerArguments {
  const refuse = (value: string, problem: string, accepted = ACCEPTED) =>
    issues.push({ path: 'CNI_ARGS', value, problem, accepted });
  const pairs = pairsOf(text, (pair) => refuse(pair, 'is not a pair'));
  const ignoresUnknown = pairs.some(([key, value]) => key === 'IgnoreUnknown' && TRUE.includes(value.toLowerCase()));
  const values = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (!ignoresUnknown && !isKnown(key)) refuse(key, 'is not known');
    if (DECIDING.includes(key) && (values.get(key) ?? value) !== value)
      refuse(key, 'is there with two values', 'one value for each key');
    values.set(key, value);
  }
  const [mac, podNamespace] = [values.get('MAC'), values.get('K8S_POD_NAMESPACE')];
  return { ...(mac ? { mac } : {}), ...(podNamespace ? { podNamespace } : {}) };
}

const TRUE = ['1', 'true'];

function isKnown(key: string): boolean {
  return key === 'MAC' || key === 'IgnoreUnknown' || key.startsWith('K8S_');
}

function pairsOf(text: string, refuse: (part: string) => void): [key: string, value: string][] {
  return text.split(';').flatMap((part): [string, string][] => {
    const equals = part.indexOf('=');
    if (equals > 0) return [[part.slice(0, equals), part.slice(equals + 1)]];
    if (part !== '') refuse(part);
    return [];
  });
}
