import type { Finding } from './finding';
import { kubectl } from './subject';

/** The file that a router's process has its configuration, or its rules, from. @param error names the file, and what is wrong with it */
export function brokenFile(router: string, { message }: Error): Finding {
  return {
    id: 'configuration',
    problem: `The router's process cannot use its file: ${message}.`,
    explanation:
      'It goes on with what it read before; what the file was to change waits for one without mistakes. The file is a ConfigMap, which somebody changed by hand or a tool wrote in part.',
    commands: [kubectl(router, 'get --output yaml', 'configmap'), kubectl(router, 'logs')],
  };
}
