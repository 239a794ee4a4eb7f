import { Conversation } from '../../test/kernel/lab/conversation';
import { PODS, RESERVED } from '../../test/kernel/lab/layout';
import { showConnection } from './connection';
import type { RouterManifests } from './manifests';
import type { Network } from './network';
import type { RouterProcess } from './router-process';
import { explain, say } from './said';

/** A rule gets another server while connections are open. */
export async function showRuleChange(
  network: Network,
  router: RouterProcess,
  manifests: RouterManifests,
): Promise<void> {
  const [changing, staying] = [`tcp ${PODS.router.ipv4} 8080`, `tcp ${PODS.router.ipv4} 8443`] as const;
  const { conversation: old } = await showConnection(network, changing);
  const other = await Conversation.open(network.client, staying);
  await other.ask();
  const [from, to] = ['8080 TCP 203.0.113.26 80', '8080 TCP 203.0.113.27 80'];
  const changed = manifests.liveConfig.replace(from, to);
  if (changed === manifests.liveConfig) throw new Error(`ConfigMap ${manifests.configMap} has no rule ${from}`);

  const begin = performance.now();
  router.swap(changed);
  const end = await endOf(old, begin);
  say(`ConfigMap ${manifests.configMap} changes: ${from} → ${to.split(' ')[2]}`);
  explain(`the open connection to port 8080: ${end}`);
  const goesOn = await other.ask();
  if (goesOn !== `203.0.113.26 443 ${RESERVED.ipv4}`) throw new Error(`the other rule's connection received ${goesOn}`);
  explain('the open connection to port 8443: goes on');
  await showConnection(network, changing);
}

/** Sends until the connection ends. @returns how */
async function endOf(conversation: Conversation, begin: number): Promise<string> {
  for (;;) {
    const answer = await conversation.ask(1000);
    const milliseconds = Math.round(performance.now() - begin);
    if (answer?.startsWith('error')) return `${answer.slice('error '.length)} after ${milliseconds} ms`;
    if (milliseconds > 3000) throw new Error(`it goes on for ${milliseconds} ms: ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
