import type { Field } from './decoder';
import { MOST_SERVICE_PORTS, servicePortCount } from './object-limits';
import { PROTOCOLS, type Protocol, readPort } from './protocol';
import type { LocatedRule } from './redirect-rule';

/**
 * Checks the ports that a user adds to a router's Service: each must lead to a port where the router does something,
 * and a router that has a fallback alone has no ports of its own to show.
 */
export function checkServicePorts(
  props: Field,
  rules: readonly LocatedRule[],
  hasFallback: boolean,
  healthPort: number,
): void {
  const list = props.member('service').member('ports');
  const ports = list.isPresent ? list.elements('a list of Service ports') : [];
  if (rules.length === 0 && hasFallback && ports.length === 0) {
    list.refuse(
      'leaves the Service without ports: fallbackIp alone redirects every port, and a Service has to name them',
      'at least one port, such as { port: 443 }',
    );
  }
  const count = servicePortCount(rules.map(({ value }) => value)) + ports.length;
  if (count > MOST_SERVICE_PORTS) {
    const rulesField = props.member('redirectRules').withValue(count);
    rulesField.refuse(
      'ports are more than the API server takes in one Service',
      `at most ${MOST_SERVICE_PORTS} ports in one router`,
    );
  }
  const served = new Set(rules.map(({ value }) => `${value.protocol} ${value.port}`)).add(`TCP ${healthPort}`);
  for (const field of ports) checkServicePort(field, served, hasFallback);
}

function checkServicePort(field: Field, served: ReadonlySet<string>, hasFallback: boolean): void {
  if (!field.isObjectOf(['port', 'targetPort', 'protocol', 'name', 'nodePort'])) return;
  const port = readPort(field.member('port'));
  const target = field.member('targetPort').optional(readPort) ?? port;
  const protocol = field.member('protocol').optional((member) => member.word(PROTOCOLS)) ?? ('TCP' satisfies Protocol);
  if (target === undefined || hasFallback || served.has(`${protocol} ${target}`)) return;
  field.refuse(
    `leads to ${protocol} port ${target} of the router, where no rule listens`,
    'a port of a redirect rule, or a fallbackIp that takes every port',
  );
}
