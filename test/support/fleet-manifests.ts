/** Manifests of many routers as JSON: so many namespaces, so many routers in each. Every third has a fallback. */
export function fleetManifests(namespaces: number, routersInEach: number): string {
  const items = Array.from({ length: namespaces * routersInEach }, (_, index) => {
    const octets = `${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
    const config = {
      cniVersion: '1.0.0',
      name: `router-${index}`,
      type: 'egress-router',
      interfaceArgs: { master: index % 5 === 0 ? 'bond0.120' : 'ens4' },
      ip: {
        addresses: [`10.20.${octets}/16`],
        gateway: '10.20.0.1',
        destinations: [`8443 TCP 203.0.113.${10 + (index % 40)} 443`, `514 UDP 198.51.100.${10 + (index % 7)}`],
        ...(index % 3 === 0 ? { fallbackIP: `192.0.2.${10 + (index % 90)}` } : {}),
      },
    };
    return {
      apiVersion: 'k8s.cni.cncf.io/v1',
      kind: 'NetworkAttachmentDefinition',
      metadata: { name: `router-${index}`, namespace: `team-${String(index % namespaces).padStart(3, '0')}` },
      spec: { config: JSON.stringify(config) },
    };
  });
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
