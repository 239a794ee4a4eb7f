import { OPERATOR_NAMES } from '../../src/domain/router/object-names';
import { type ShellCommand, shellCommand } from './shell-command';

/** The location of a router's Deployment, for `kubectl`. */
export interface Deployment {
  /** Absent: kubectl's current namespace. */
  readonly namespace?: string;
  readonly name: string;
}

/**
 * @param router `namespace/name`, or only a name
 * @param network the name of its network, if known
 */
export function deploymentOfRouter(router: string, network?: string): Deployment {
  const [name, namespace] = router.split('/').reverse() as [string, string?];
  const isOperators = network !== undefined && deploymentOfNetwork(network).name === OPERATOR_NAMES.deployment;
  return { ...(namespace === undefined ? {} : { namespace }), name: isOperators ? OPERATOR_NAMES.deployment : name };
}

/**
 * @param network `namespace.name` if this library created it; for another name, words in capitals are placeholders
 */
export function deploymentOfNetwork(network: string): Deployment {
  const [, namespace, definition] = /^(?:([^.]+)\.)?(.+)$/.exec(network) ?? [];
  if (definition === OPERATOR_NAMES.networkAttachmentDefinition)
    return { namespace: namespace ?? 'NAMESPACE', name: OPERATOR_NAMES.deployment };
  return namespace === undefined ? { namespace: 'NAMESPACE', name: 'DEPLOYMENT' } : { namespace, name: definition! };
}

/** `kubectl`, a verb of it, and an object. */
export function kubectl({ namespace, name }: Deployment, verb: readonly string[], kind = 'deployment'): ShellCommand {
  const place = namespace === undefined ? [] : ['--namespace', namespace];
  return shellCommand`kubectl ${[...place, ...verb, `${kind}/${name}`]}`;
}
