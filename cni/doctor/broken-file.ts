import { deploymentOfRouter, kubectl } from './deployment';
import type { Finding } from './finding';

/**
 * The file that a router's process has its configuration, or its rules, from.
 *
 * @param error names the file, and what is wrong with it
 * @param network the name of its network, as far as it is known
 */
export function brokenFile(router: string, { message }: Error, network?: string): Finding {
  return {
    id: 'configuration',
    problem: `The router's process cannot use its file: ${message}.`,
    explanation:
      'It goes on with what it read before; what the file was to change waits for one without mistakes. The file is a ConfigMap, which somebody changed by hand or a tool wrote in part.',
    commands: [
      kubectl(deploymentOfRouter(router), 'get --output yaml', 'configmap'),
      kubectl(deploymentOfRouter(router, network), 'logs'),
    ],
  };
}
