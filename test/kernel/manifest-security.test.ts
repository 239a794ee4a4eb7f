import type { StandaloneRouterOptions } from '../../src';
import { ConfigMap } from '../support/config-map';
import { type Manifest, only, standalone, synthRouter } from '../support/synth';
import type { PluginConfig } from './lab/plugin';
import { Scene } from './lab/scene';
import type { DeclaredContainer } from './support/container';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';
import { processStatus, RouterImage } from './support/router-container';

const CAP_NET_ADMIN = 1n << 12n;
const CAP_NET_RAW = 1n << 13n;

type Features = Pick<StandaloneRouterOptions, 'liveRules' | 'ruleMetrics' | 'watchConflicts'>;

/** What docs/router-pod.md promises of each. */
const VARIANTS: readonly (readonly [Features, user: string, capabilities: bigint])[] = [
  [{}, '65532', 0n],
  [{ liveRules: true }, '0', CAP_NET_ADMIN],
  [{ ruleMetrics: true }, '0', CAP_NET_ADMIN],
  [{ watchConflicts: true }, '0', CAP_NET_RAW],
  [{ liveRules: true, ruleMetrics: true, watchConflicts: true }, '0', CAP_NET_ADMIN | CAP_NET_RAW],
];

describeOnKernel("a router's process as its manifest has it", ['ip', 'nft', 'runc'], () => {
  let scene: Scene;
  let image: RouterImage;
  beforeAll(() => {
    scene = new Scene();
    image = new RouterImage();
  });
  afterAll(() => {
    image?.[Symbol.dispose]();
    scene?.[Symbol.dispose]();
  });

  test.each(VARIANTS)(
    '%j: user %s, its capabilities and no other, and it works',
    async (features, user, capabilities) => {
      const manifests = synthRouter(standalone(features));
      const config = configOf(manifests, scene.network);
      using map = new ConfigMap(configMapText(manifests));
      await scene.router.add(config);
      try {
        const declared: DeclaredContainer = only(manifests, 'Deployment').spec.template.spec.containers[0];
        const mounts = features.liveRules
          ? [{ source: map.folder, destination: '/etc/egress-router', readOnly: true }]
          : [];
        using container = image.start(scene.router, declared, mounts);
        await eventually(() => expect(container.stdout).toContain('"message":"ready"'), 20_000);
        const status = processStatus(container.pid!);
        expect(status.get('Uid')!.split('\t')[0]).toBe(user);
        expect(BigInt(`0x${status.get('CapEff')}`)).toBe(capabilities);
        expect(BigInt(`0x${status.get('CapBnd')}`)).toBe(capabilities);
        expect(status.get('NoNewPrivs')).toBe('1');
        expect(status.get('Seccomp')).toBe('2');
      } finally {
        await scene.router.del(config);
      }
    },
  );
});

/** What the runtime hands to the plugin, on a network of this lab. */
function configOf(manifests: Manifest[], network: string): PluginConfig {
  const config = JSON.parse(only(manifests, 'NetworkAttachmentDefinition').spec.config) as PluginConfig;
  return { ...config, name: network };
}

function configMapText(manifests: Manifest[]): string {
  const map = manifests.find(({ kind }) => kind === 'ConfigMap');
  return map?.data['config.json'] ?? '{}';
}
