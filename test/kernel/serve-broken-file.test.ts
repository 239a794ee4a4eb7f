import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EgressRouterProps } from '../../src';
import { jsonLines } from '../support/json-lines';
import { only, STANDALONE, standalone, synthRouter } from '../support/synth';
import { ask } from './lab/echo';
import { PODS, RESERVED } from './lab/layout';
import type { PluginConfig } from './lab/plugin';
import { Scene } from './lab/scene';
import type { Container, DeclaredContainer } from './support/container';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';
import { RouterImage } from './support/router-container';

const MOUNT = '/etc/egress-router';
const FILE = `${MOUNT}/config.json`;

const RULE = STANDALONE.redirectRules![0]!;
const FURTHER = { ...RULE, port: 8080, targetPort: 80 };

/** Replacements of the ConfigMap's file. */
type Breakage = (file: string, good: string) => void;

const write =
  (change: (good: string) => string): Breakage =>
  (file, good) =>
    writeFileSync(file, change(good));

const edited = (edit: (config: { readonly ip: { destinations?: string[]; gateway?: string } }) => void) =>
  write((good) => {
    const config = JSON.parse(good);
    edit(config);
    return JSON.stringify(config);
  });

const BREAKAGES: readonly (readonly [string, Breakage, RegExp])[] = [
  ['missing', () => {}, /^: cannot be read: ENOENT$/],
  ['a folder', (file) => mkdirSync(file), /^: is not a file$/],
  ['a named pipe', (file) => execFileSync('mkfifo', [file]), /^: is not a file$/],
  ['empty', write(() => ''), /^: is not JSON: /],
  ['half-written', write((good) => good.slice(0, good.length / 2)), /^: is not JSON: /],
  ['no text', (file) => writeFileSync(file, Buffer.from([0, 0xff, 0xfe, 0x80])), /^: is not JSON: /],
  ['no object', write(() => '[]'), /^: \(the whole input\): \[\] is not an object; accepted: an object$/],
  ['larger than a ConfigMap', write((good) => good + ' '.repeat(1024 * 1024)), /^: has \d+ bytes; accepted: 1048576/],
  [
    'wrong in a rule',
    edited(({ ip }) => {
      ip.destinations = ['8443 TPC 203.0.113.26 443'];
    }),
    /^: ip\.destinations\[0\]: "8443 TPC 203\.0\.113\.26 443" names the protocol "TPC"/,
  ],
  [
    'one with lists in lists for a rule',
    write((good) => good.replace(/"8443 TCP [^"]*"/, () => `${'['.repeat(300_000)}${']'.repeat(300_000)}`)),
    /^: ip\.destinations\[0\]: \[{120}… is not a string; accepted: /,
  ],
  [
    'one with a rule on the health port',
    edited(({ ip }) => {
      ip.destinations = ['9180 TCP 203.0.113.26 443'];
    }),
    /^: ip\.destinations\[0\]: "9180 TCP 203\.0\.113\.26 443" takes the health port/,
  ],
  [
    'one of a router without rules',
    edited(({ ip }) => {
      ip.destinations = [];
    }),
    /^: ip\.destinations: /,
  ],
  [
    'a good one of another router',
    edited(({ ip }) => {
      ip.gateway = '192.168.12.2';
    }),
    /^: ip\.gateway: "192\.168\.12\.2" is not what this pod was made with \("192\.168\.12\.1"\); .*needs a restart of the pod$/,
  ],
];

/** A line of the log; some have no error. */
interface Line {
  readonly message: string;
  readonly error: string;
}

describeOnKernel('the start of serve with live rules', ['ip', 'nft', 'runc', 'curl'], () => {
  let scene: Scene;
  let image: RouterImage;
  let folder: string;
  beforeAll(async () => {
    scene = new Scene();
    image = new RouterImage();
    await scene.serve();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'egress-router-file-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  afterAll(() => {
    image?.[Symbol.dispose]();
    scene?.[Symbol.dispose]();
  });

  /** A router's objects: what the plugin gets, the ConfigMap's text, and the container. */
  function made(props: Partial<EgressRouterProps> = {}) {
    const manifests = synthRouter(standalone({ liveRules: true, ...props }));
    const network = JSON.parse(only(manifests, 'NetworkAttachmentDefinition').spec.config) as PluginConfig;
    const declared: DeclaredContainer = only(manifests, 'Deployment').spec.template.spec.containers[0];
    const text = only(manifests, 'ConfigMap').data['config.json'] as string;
    return { config: { ...network, name: scene.network, detectConflicts: false }, declared, text };
  }

  const start = (declared: DeclaredContainer) =>
    image.start(scene.router, declared, [{ source: folder, destination: MOUNT, readOnly: true }]);

  /** At once, as kubelet does it. */
  function replaceFile(text: string): void {
    rmSync(join(folder, 'config.json'), { recursive: true, force: true });
    writeFileSync(join(folder, 'next'), text);
    renameSync(join(folder, 'next'), join(folder, 'config.json'));
  }

  const lines = ({ stdout }: Container) => jsonLines<Line>(stdout);
  const messages = (container: Container) => lines(container).map(({ message }) => message);

  function get(path: string): string {
    return scene.node.namespace.try(['curl', '-s', '-m', '2', `http://${PODS.router.ipv4}:9180${path}`]).stdout;
  }
  const series = (name: string) =>
    get('/metrics')
      .split('\n')
      .filter((line) => line.startsWith(name));

  test.each(BREAKAGES)(
    'whose file is %s: the rules stay as the kernel has them, until a good one comes',
    async (_what, breakFile, reason) => {
      const { config, declared, text } = made();
      await scene.router.add(config);
      try {
        breakFile(join(folder, 'config.json'), text);
        using container = start(declared);
        await eventually(() => expect(get('/readyz')).toBe('ok\n'), 20_000);
        // The log comes through a pipe, and may come later than the answer.
        await eventually(() => expect(lines(container).length).toBeGreaterThanOrEqual(2));
        const [first, second] = lines(container) as [Line, Line];
        expect(first).toMatchObject({ level: 'error', message: 'rule change rejected, keeping previous rules' });
        expect(first).not.toHaveProperty('configHash');
        expect(first.error.slice(0, FILE.length)).toBe(FILE);
        expect(first.error.slice(FILE.length)).toMatch(reason);
        expect(second).toMatchObject({ message: 'serving', asks: ['192.168.12.1'], liveRules: true });
        expect(await ask(scene.client.namespace, `tcp ${PODS.router.ipv4} 8443`)).toMatchObject({
          peer: RESERVED.ipv4,
        });
        expect(series('egress_router_rule_changes_total')).toEqual([
          'egress_router_rule_changes_total{outcome="success"} 0',
          'egress_router_rule_changes_total{outcome="failure"} 1',
        ]);
        expect(series('egress_router_last_rule_change_success')).toEqual(['egress_router_last_rule_change_success 0']);
        expect(series('egress_router_config_info')).toEqual([]);

        replaceFile(made({ redirectRules: [RULE, FURTHER] }).text);
        await eventually(() => {
          expect(lines(container)).toContainEqual(
            expect.objectContaining({ message: 'rules in force', changedRules: 1 }),
          );
        }, 10_000);
        expect(await ask(scene.client.namespace, `tcp ${PODS.router.ipv4} 8080`)).toMatchObject({
          peer: RESERVED.ipv4,
        });
        await eventually(() => {
          expect(series('egress_router_last_rule_change_success')).toEqual([
            'egress_router_last_rule_change_success 1',
          ]);
        }, 10_000);
        expect(lines(container).filter(({ error }) => error === first.error)).toHaveLength(1);
        expect(container.pid).toBeDefined();
      } finally {
        await scene.router.del(config);
      }
    },
    60_000,
  );

  test('a container that is killed starts again, whatever became of its file', async () => {
    const { config, declared, text } = made();
    await scene.router.add(config);
    try {
      replaceFile(made({ redirectRules: [RULE, FURTHER] }).text);
      {
        using container = start(declared);
        await eventually(() => expect(messages(container)).toContain('ready'), 20_000);
        // doctor knows the rules by the file.
        expect(container.exec('/egress-router', 'doctor')).toMatchObject({ status: 0 });
        container.kill('SIGKILL');
        await container.end();
      }
      replaceFile(text.slice(1));
      using container = start(declared);
      await eventually(() => expect(messages(container)).toContain('ready'), 20_000);
      for (const port of [8443, 8080]) {
        expect(await ask(scene.client.namespace, `tcp ${PODS.router.ipv4} ${port}`)).toMatchObject({
          peer: RESERVED.ipv4,
        });
      }
    } finally {
      await scene.router.del(config);
    }
  }, 60_000);

  test('without a gateway asks the first destination of the rules in force, at the start and after a change', async () => {
    const leadingTo = (destinationIp: string) =>
      made({ addresses: [{ ip: `${RESERVED.ipv4}/24` }], redirectRules: [{ ...RULE, destinationIp }] });
    const { config, declared, text } = leadingTo('192.168.12.1');
    await scene.router.add(config);
    try {
      writeFileSync(join(folder, 'config.json'), '');
      using container = start(declared);
      await eventually(() => expect(get('/readyz')).toBe('ok\n'), 20_000);
      const serving = expect.objectContaining({ message: 'serving', asks: ['192.168.12.1'] });
      await eventually(() => expect(lines(container)).toContainEqual(serving));
      replaceFile(leadingTo('192.168.12.77').text);
      await eventually(() => {
        expect(get('/readyz')).toMatch(/^\[-\]gateway failed: destination 192\.168\.12\.77 does not answer ARP\n/);
      }, 20_000);
      replaceFile(text);
      await eventually(() => expect(get('/readyz')).toBe('ok\n'), 20_000);
    } finally {
      await scene.router.del(config);
    }
  }, 60_000);
});
