import type { Issue } from '../../src/domain/input/issue';

/** The keys of CNI_ARGS that this plugin reads. */
export interface ContainerArguments {
  readonly mac?: string;
  /** Namespace of the pod, as Kubernetes' runtimes and Multus say it. */
  readonly podNamespace?: string;
}

const ACCEPTED =
  'KEY=VALUE pairs separated by ";", each key once; known: MAC and K8S_*; IgnoreUnknown=true allows others';

/**
 * Reads CNI_ARGS, such as `IgnoreUnknown=1;K8S_POD_NAME=db;MAC=02:00:5e:10:00:01`. As in the specification's own
 * library, an unknown key is an error unless the runtime allows it. So is a key that is there twice: of two namespaces
 * one would decide, and another program may take the other one.
 */
export function readContainerArguments(text: string, issues: Issue[]): ContainerArguments {
  const refuse = (value: string, problem: string) =>
    issues.push({ path: 'CNI_ARGS', value, problem, accepted: ACCEPTED });
  const pairs = new Map<string, string>();
  for (const pair of text.split(';').filter((part) => part !== '')) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, equals);
    if (equals <= 0) refuse(pair, 'is not a pair');
    else if (pairs.has(key)) refuse(key, 'is there twice');
    else pairs.set(key, pair.slice(equals + 1));
  }
  const ignoresUnknown = ['1', 'true'].includes(pairs.get('IgnoreUnknown')?.toLowerCase() ?? '');
  for (const key of ignoresUnknown ? [] : pairs.keys()) {
    if (!['MAC', 'IgnoreUnknown'].includes(key) && !key.startsWith('K8S_')) refuse(key, 'is not known');
  }
  const [mac, podNamespace] = [pairs.get('MAC'), pairs.get('K8S_POD_NAMESPACE')];
  return { ...(mac ? { mac } : {}), ...(podNamespace ? { podNamespace } : {}) };
}
