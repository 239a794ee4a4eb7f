/**
 * Objects of another cdk8s-plus than ours, in an empty project with what npm installs there. Needs the npm registry.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { blocksOf } from '../support/markdown';
import type { Manifest } from '../support/synth';

const ROOT = join(__dirname, '..', '..');

/** The newest cdk8s-plus, in any release that has no breaking change. */
const OTHER = 'cdk8s-plus-34@^2.0.54';

/** With what everything here is tested with. */
const TESTED = ['cdk8s', 'constructs', 'typescript', '@types/node'];

const TSCONFIG = {
  compilerOptions: { target: 'es2022', module: 'node16', types: ['node'], strict: true, skipLibCheck: true },
  files: ['program.ts'],
};

const DOCUMENTED = blocksOf('docs/constructs.md').find(({ text }) => text.includes(`from 'cdk8s-plus-34'`))!.text;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egress-plus-'));
  const packed = succeed('npm', ['pack', '--silent', '--pack-destination', folder], ROOT).trim();
  const tested = TESTED.map((name) => `${name}@${installedVersion(name)}`);
  succeed('npm', ['init', '--yes']);
  succeed('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed), OTHER, ...tested]);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

function installedVersion(name: string): string {
  return JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;
}

function succeed(command: string, words: string[], cwd = folder): string {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** The lines of a program that the compiler refuses, and its other errors. It writes program.js all the same. */
function refusedLines(program: string): string[] {
  writeFileSync(join(folder, 'program.ts'), program);
  const { stdout } = spawnSync('npx', ['tsc', '-p', '.'], { cwd: folder, encoding: 'utf8' });
  const lines = program.split('\n');
  const errors = stdout.split('\n').filter((line) => /\berror TS/.test(line));
  return errors.map((error) => {
    const [, line] = /^program\.ts\((\d+),/.exec(error) ?? [];
    return line === undefined ? error : lines[Number(line) - 1]!;
  });
}

test('npm installs both versions, and one cdk8s', () => {
  const { dependencies } = JSON.parse(succeed('npm', ['ls', '--all', '--json']));
  expect(dependencies['cdk8s-egress-router'].dependencies).toHaveProperty(['cdk8s-plus-28', 'version']);
  expect(dependencies['cdk8s-plus-34'].dependencies.cdk8s.version).toBe(installedVersion('cdk8s'));
});

test('TypeScript needs each cast of the documented program, and no other', () => {
  const isCast = (line: string) => line.includes(' as never');
  const casts = DOCUMENTED.split('\n').filter(isCast);
  const refused = refusedLines(DOCUMENTED.replaceAll(' as never', ''));
  expect(new Set(refused)).toEqual(new Set(casts.map((line) => line.replaceAll(' as never', ''))));
});

describe('the documented program', () => {
  let manifests: Manifest[];
  beforeAll(() => {
    expect(refusedLines(DOCUMENTED)).toEqual([]);
    succeed('node', ['program.js']);
    manifests = loadAll(readFileSync(join(folder, 'dist', 'partners.k8s.yaml'), 'utf8')) as Manifest[];
  });

  const find = (kind: string, matches: (manifest: Manifest) => boolean = () => true) =>
    manifests.find((manifest) => manifest.kind === kind && matches(manifest))!;
  const isNamed = (name: string) => (manifest: Manifest) => manifest.metadata.name === name;
  const CLIENT = { 'cdk8s.io/metadata.addr': expect.stringMatching(/^partners-client-/) };
  const ROUTER = { 'app.kubernetes.io/instance': 'bank', 'app.kubernetes.io/name': 'egress-router' };

  test('gives the Service its rule and type', () => {
    expect(find('Service').spec).toMatchObject({ type: 'NodePort', ports: [{ port: 443, protocol: 'TCP' }] });
    expect(find('Ingress').spec.rules[0].http.paths[0].backend.service).toEqual({
      name: 'bank',
      port: { number: 443 },
    });
  });

  test('gives the pod its image, secret, resources, nodes and patch', () => {
    const { spec } = find('Deployment', isNamed('bank')).spec.template;
    const [container] = spec.containers;
    expect(container).toMatchObject({ imagePullPolicy: 'Always', resources: { requests: { cpu: '20m' } } });
    expect(spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    const { nodeSelectorTerms } = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    expect(nodeSelectorTerms).toEqual([{ matchExpressions: [{ key: 'egress', operator: 'In', values: ['yes'] }] }]);
    expect(spec.tolerations).toContainEqual({ key: 'egress', operator: 'Exists' });
    expect(spec.terminationGracePeriodSeconds).toBe(9);
  });

  test('admits each peer to the ports of its own', () => {
    const { ingress } = find('NetworkPolicy', isNamed('bank')).spec;
    const admitted = ingress.map(({ from, ports }: { from: unknown[]; ports: { port: number }[] }) => [
      ports.map(({ port }) => port),
      ...from,
    ]);
    const byName = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
    expect(admitted).toEqual([
      [[9180], { namespaceSelector: byName('monitoring'), podSelector: {} }],
      [[443], { namespaceSelector: byName('partners'), podSelector: { matchLabels: CLIENT } }],
      [[443], { podSelector: { matchLabels: { app: 'batch' } } }],
      [[443], { namespaceSelector: { matchLabels: { 'bank-access': 'yes' } }, podSelector: {} }],
    ]);
  });

  test('selects the clients of allowClientEgress, and the router for allowTo', () => {
    const client = find('NetworkPolicy', (manifest) => manifest.metadata.name.startsWith('bank-client-egress'));
    expect(client.spec.podSelector).toEqual({ matchLabels: CLIENT });
    expect(client.spec.egress[1]).toMatchObject({
      ports: [{ port: 443 }],
      to: [{ podSelector: { matchLabels: ROUTER } }],
    });
    const connection = find('NetworkPolicy', (manifest) => manifest.metadata.name.startsWith('allowegress'));
    const pod = find('Deployment', isNamed('bank')).spec.template.metadata.labels;
    const [{ to, ports }] = connection.spec.egress;
    expect(ports).toEqual([{ port: 443, protocol: 'TCP' }]);
    expect(pod).toMatchObject(to[0].podSelector.matchLabels);
  });

  test('leaves patches of objects that are not ours to their cdk8s-plus', () => {
    expect(
      find('Deployment', (manifest) => manifest.metadata.name.startsWith('partners-client-')).spec.minReadySeconds,
    ).toBe(5);
  });
});

const RESTRICTED = `
import { App, Chart } from 'cdk8s';
import { EgressRouter, RouterMode } from 'cdk8s-egress-router';
import { Namespace } from 'cdk8s-plus-34';

const app = new App();
const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
new Namespace(new Chart(app, 'namespaces'), 'partners', { metadata: { name: 'partners', labels } });
new EgressRouter(new Chart(app, 'partners', { namespace: 'partners' }), 'bank', {
  addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
  mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:0.1.0', liveRules: true }),
  allowFrom: [{ kind: 'Pods' } as never],
});
app.synth();
`;

test('the Pod Security level of its Namespace, and what is not a peer, are errors at synth', () => {
  expect(refusedLines(RESTRICTED)).toEqual([]);
  const { status, stderr } = spawnSync('node', ['program.js'], { cwd: folder, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain(
    'which namespace "partners" refuses: [namespaces/partners/Resource] enforces the Pod Security level "restricted"',
  );
  expect(stderr).toMatch(/allowFrom\[0\]: .* is not of that type; accepted: a list of cdk8s-plus peers/);
});
