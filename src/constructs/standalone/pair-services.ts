import type * as kplus from 'cdk8s-plus-28';

/** The file in a router's ConfigMap with the Services that the pods of a pair lead to the one with the address. */
export const SERVICES_KEY = 'services.json';

/**
 * The Services of a pair with the ports that their EndpointSlices get, as JSON: the router's own first, which is the
 * lock of the pair. A line for each port, so that a review shows those that changed.
 */
export function servicesText(services: readonly kplus.Service[]): string {
  return listText(services.map(serviceText), '');
}

function serviceText({ name, ports }: kplus.Service): string {
  const slicePorts = ports.map(({ name: port, port: number, targetPort = number, protocol }) =>
    JSON.stringify({ name: port, port: targetPort, protocol }),
  );
  return `{"name": ${JSON.stringify(name)}, "ports": ${listText(slicePorts, '  ')}}`;
}

function listText(elements: readonly string[], indent: string): string {
  if (elements.length === 0) return '[]';
  return `[\n${elements.map((element) => `${indent}  ${element}`).join(',\n')}\n${indent}]`;
}
