import { isDeepStrictEqual } from 'node:util';
import { OPERATOR_NAMES } from '../../src/domain/router/object-names';
import type { Inventory, Router } from '../input/router';
import { configChanges, ORDER_OF_RULES } from './config-changes';
import { liveRulesProblem } from './config-in-force';
import { identities } from './identity';
import type { Cost } from './router-change';
import { endsPod, isOtherDeployment, isPaused } from './router-cost';

/** Effects of a change, and manual steps, that applying the manifests does not cover. */
export function changeNotes(old: Router, now: Router, cost: Cost): string[] {
  if (old.mode !== now.mode) {
    return [modeNote(old.mode, now.mode)];
  }
  if (endsPod(old, now)) return ['no pod remains: its connections end'];
  if (isOtherDeployment(old, now)) {
    const name = old.objects.deployment?.metadata.name;
    return [`Deployment ${name} holds the address until it is deleted: delete it before the new pod starts`];
  }
  const problem = liveRulesProblem(now);
  if (problem !== undefined) return [`rule change rejected, keeping previous rules: ${problem}`];
  const changes = configChanges(old, now);
  if (changes.length === 0) return [];
  if (now.mode === 'operator') {
    if (cost === 'nothing') return [NO_FALLBACK];
    const namespace = now.namespace === undefined ? '' : `-n ${now.namespace} `;
    return [
      `the operator updates its NetworkAttachmentDefinition but does not restart the pod; run: kubectl ${namespace}rollout restart deployment/${OPERATOR_NAMES.deployment}`,
    ];
  }
  if (now.mode === 'unknown') return ['its pod is not in the manifests and must be restarted'];
  const isInForce = now.objects.configMap !== undefined && isDeepStrictEqual(changes, [ORDER_OF_RULES]);
  if (cost !== 'nothing' || isInForce || isPaused(now)) return [];
  const isSame = isDeepStrictEqual(identities(old), identities(now));
  return [isSame ? AT_NEXT_START : `${AT_NEXT_START}; until then the LAN sees the old address and MAC`];
}

type Mode = Router['mode'];

function modeNote(old: Mode, now: Mode): string {
  if (now === 'unknown') return 'its pod is no longer in the manifests: it runs until its Deployment is deleted';
  if (old === 'unknown')
    return 'its pod was not in the old manifests: an existing pod holds the address until it is deleted';
  return `it moves from ${old} to ${now}: delete the old objects before the new pod starts`;
}

const AT_NEXT_START = "the pod template does not change: the change takes effect at the pod's next start";
const NO_FALLBACK = 'the operator accepts fallbackIP, but its plugin does not read it';

/**
 * Applying creates new objects at once and deletes old ones later, if at all: meanwhile an address that moves is held.
 */
export function takeoverNotes(now: Router, before: Inventory, old?: Router): string[] {
  const holders = before.routers.filter(({ name }) => name !== now.name);
  return now.config.addresses.flatMap(({ cidr: { address } }) => {
    if (old !== undefined && isHolder(old, address.text, now.config.macvlan.master)) return [];
    const holder = holders.find((other) => isHolder(other, address.text, now.config.macvlan.master));
    if (holder === undefined) return [];
    return [
      `${address.text} is held by ${holder.name} until now: remove it there in an earlier commit, or the new pod waits for the address`,
    ];
  });
}

/** On another parent interface, the same address belongs to another network. */
function isHolder({ config }: Router, address: string, master: string | undefined): boolean {
  return config.macvlan.master === master && config.addresses.some(({ cidr }) => cidr.address.text === address);
}
