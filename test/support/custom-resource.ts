import { type CustomResourceOptions, EgressRouter, RouterMode } from '../../src';
import { type Manifest, newChart, synth, synthErrors } from './synth';

/** An EgressRouter resource as in the documentation of OKD. */
export const RESOURCE = {
  apiVersion: 'network.operator.openshift.io/v1',
  kind: 'EgressRouter',
  metadata: { name: 'egress-router-qa' },
  spec: {
    networkInterface: { macvlan: { mode: 'Bridge' } },
    addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
    mode: 'Redirect',
    redirect: {
      redirectRules: [
        { destinationIP: '203.0.113.25', port: 80, protocol: 'UDP' },
        { destinationIP: '203.0.113.26', port: 8080, protocol: 'TCP', targetPort: 80 },
        { destinationIP: '203.0.113.27', port: 8443, protocol: 'TCP', targetPort: 443 },
      ],
    },
  },
};

/** Options that move the router to standalone mode. */
export const STANDALONE: CustomResourceOptions = { mode: RouterMode.standalone({ image: 'router:1' }) };

/** The objects of a router that was imported from a resource. */
export function synthFrom(resource: object, options?: CustomResourceOptions): Manifest[] {
  const chart = newChart();
  EgressRouter.fromCustomResource(chart, 'db', resource, options);
  return synth(chart);
}

/** The issues of such a router. */
export function errorsFrom(resource: object, options?: CustomResourceOptions): string[] {
  const chart = newChart();
  EgressRouter.fromCustomResource(chart, 'db', resource, options);
  return synthErrors(chart);
}

/** The resource with another spec. */
export const withSpec = (changes: object) => ({ ...RESOURCE, spec: { ...RESOURCE.spec, ...changes } });
