import { ConfigMap } from '../support/config-map';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { describeOnKernel, PLUGIN } from './support/requires';

const FLAGS = [
  ['watch-conflicts', 'NET_RAW'],
  ['live-rules', 'NET_ADMIN'],
  ['rule-metrics', 'NET_ADMIN'],
] as const;

/** A container's user and capabilities, and what is said about them. */
const CONTAINERS = [
  {
    container: 'root without the capability',
    privileges: (name: string) => ['--bounding-set', `-${name.toLowerCase()}`],
    reason: (name: string) => `its securityContext lacks capabilities: { add: [${name}] }`,
  },
  {
    container: 'another user, to whom it was added',
    privileges: () => ['--reuid', '65532', '--regid', '65532', '--clear-groups'],
    reason: () => 'its securityContext lacks runAsUser: 0 (it is 65532, and an added capability has no effect for it)',
  },
];

describeOnKernel('serve without a capability that it needs', ['ip', 'nft', 'setpriv'], () => {
  let scene: Scene;
  let map: ConfigMap;
  beforeAll(async () => {
    scene = new Scene();
    const config = scene.config(DUAL_STACK, { healthPort: 9180 });
    map = new ConfigMap(JSON.stringify(config));
    scene.router.namespace.run('chmod', '-R', 'a+rX', map.folder);
    await scene.router.add(config);
  });
  afterAll(() => {
    map?.[Symbol.dispose]();
    scene?.[Symbol.dispose]();
  });

  test.each(FLAGS.flatMap(([flag, capability]) => CONTAINERS.map((container) => ({ flag, capability, ...container }))))(
    '--$flag: $container',
    ({ flag, capability, privileges, reason }) => {
      const serve = [PLUGIN, 'serve', '--router=egress/partner', `--config-file=${map.file}`, `--${flag}`];
      const { status, stdout } = scene.router.namespace.try(['setpriv', ...privileges(capability), ...serve]);
      expect(status).toBe(1);
      const message = `--${flag} needs the capability ${capability}, which the container lacks: ${reason(capability)}`;
      expect(JSON.parse(stdout)).toMatchObject({ level: 'error', router: 'egress/partner', message });
    },
  );
});
