import type { Router } from '../../cli/input/router';
import { definition, inventoryOf } from '../cli/manifests';

const CONFIG = {
  cniVersion: '1.0.0',
  name: 'x',
  type: 'egress-router',
  ip: {
    addresses: ['192.168.12.98/24'],
    gateway: '192.168.12.1',
    destinations: ['80 UDP 203.0.113.25', '81 TCP 192.168.12.7'],
  },
};

/** The manifest reader rejects most of them; pictures must be safe with values from other sources, too. */
export const HOSTILE_NAMES: readonly (readonly [what: string, name: string])[] = [
  ['markup', `<script>report('script ran')</script><text y="1">&amp;&quot;'`],
  ['Mermaid', 'x"] --> y; end subgraph click r1eth0 call alert() %% #quot; `md` \\n ---'],
  ['a directive', '%%{init: {"securityLevel": "loose"}}%%'],
  ['control characters', 'a\u0000b\u001bc\u202edcba\ufffe\ud800'],
  ['other scripts', '日本語の名前空間と絵文字🚀 العربية'],
  ['one long word', 'x'.repeat(300)],
  ['the longest that Kubernetes has', `${'long-name-'.repeat(25)}end`],
];

/** What stands in the manifests where the name is to be. */
const STAND_IN = 'stand-in';

/** A router that is called so, and whose Service, interface and clients are. */
export function hostileRouters(name: string): Router[] {
  return inventoryOf(manifests(STAND_IN)).routers.map((router) => renamed(router, name));
}

/** The value with the name in each of its texts. */
function renamed<T>(value: T, name: string): T {
  if (typeof value === 'string') return value.replaceAll(STAND_IN, () => name) as T;
  if (Array.isArray(value)) return value.map((each) => renamed(each, name)) as T;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renamed(each, name)])) as T;
}

function manifests(name: string): string {
  const labels = { 'app.kubernetes.io/name': 'egress-router', 'app.kubernetes.io/instance': name };
  const networks = JSON.stringify([{ name, namespace: 'web', interface: name }]);
  const template = { metadata: { labels: { app: name }, annotations: { 'k8s.v1.cni.cncf.io/networks': networks } } };
  const podSelector = { matchLabels: { app: name } };
  const object = (apiVersion: string, kind: string, spec: unknown) =>
    JSON.stringify({ apiVersion, kind, metadata: { name, namespace: 'web' }, spec });
  return [
    definition(name, CONFIG, labels),
    object('apps/v1', 'Deployment', { template }),
    object('v1', 'Service', {
      selector: { app: name },
      type: name,
      ports: [{ port: 80, protocol: name, targetPort: name }],
    }),
    object('networking.k8s.io/v1', 'NetworkPolicy', { podSelector, ingress: [{ from: [{ podSelector }] }] }),
  ].join('\n---\n');
}
