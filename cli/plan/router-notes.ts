import { isDeepStrictEqual } from 'node:util';
import { OPERATOR_NAMES } from '../../src/domain/router/operator-names';
import type { Inventory, Router } from '../input/router';
import { configDifferences, ORDER_OF_RULES } from './config-differences';
import { identities } from './identity';
import { liveRulesProblem } from './live-rules';
import type { Cost } from './router-change';
import { endsPod, isOtherDeployment, isPaused } from './router-cost';

/** What happens, or has to be done, that applying the manifests does not bring about. */
export function changeNotes(old: Router, now: Router, cost: Cost): string[] {
  if (old.provisioning !== now.provisioning) {
    return [provisioningNote(old.provisioning, now.provisioning)];
  }
  if (endsPod(old, now)) return ['no pod is left: its connections end'];
  if (isOtherDeployment(old, now)) {
    const name = old.objects.deployment?.metadata.name;
    return [`Deployment ${name} has the address until it is deleted: delete it before the new pod starts`];
  }
  const problem = liveRulesProblem(now);
  if (problem !== undefined) return [`the rules in force stay as they are: ${problem}`];
  const differences = configDifferences(old, now);
  if (differences.length === 0) return [];
  if (now.provisioning === 'operator') {
    if (cost === 'nothing') return [NO_FALLBACK];
    const namespace = now.namespace === undefined ? '' : `-n ${now.namespace} `;
    return [
      `the operator changes its NetworkAttachmentDefinition and leaves the pod as it is: kubectl ${namespace}rollout restart deployment/${OPERATOR_NAMES.deployment}`,
    ];
  }
  if (now.provisioning === 'unknown') return ['its pod is not among the manifests, and has to be restarted'];
  const isInForce = now.objects.configMap !== undefined && isDeepStrictEqual(differences, [ORDER_OF_RULES]);
  if (cost !== 'nothing' || isInForce || isPaused(now)) return [];
  const isSame = isDeepStrictEqual(identities(old), identities(now));
  return [isSame ? AT_NEXT_START : `${AT_NEXT_START}; until then the LAN sees the old address and MAC`];
}

type Provisioning = Router['provisioning'];

function provisioningNote(old: Provisioning, now: Provisioning): string {
  if (now === 'unknown') return 'its pod is not among the manifests any more: it stays until its Deployment is deleted';
  if (old === 'unknown')
    return 'its pod was not among the manifests so far: if there is one, it has the address until it is deleted';
  return `it moves from ${old} to ${now}: delete the old objects before the new pod starts`;
}

const AT_NEXT_START = "the pod template stays as it is: the change counts at the pod's next start";
const NO_FALLBACK = 'the operator writes down fallbackIP, and its plugin does not read it';

/** Applying makes new objects at once and deletes old ones later, if at all: meanwhile an address that moves is held. */
export function takeoverNotes(now: Router, before: Inventory, old?: Router): string[] {
  const holders = before.routers.filter(({ name }) => name !== now.name);
  return now.config.addresses.flatMap(({ cidr: { address } }) => {
    if (old !== undefined && isHolder(old, address.text, now.config.macvlan.master)) return [];
    const holder = holders.find((other) => isHolder(other, address.text, now.config.macvlan.master));
    if (holder === undefined) return [];
    return [
      `${address.text} is held by ${holder.name} so far: let that go in a commit of its own, or the new pod waits for the address`,
    ];
  });
}

/** On another parent interface, an address is another network's. */
function isHolder({ config }: Router, address: string, master: string | undefined): boolean {
  return config.macvlan.master === master && config.addresses.some(({ cidr }) => cidr.address.text === address);
}
