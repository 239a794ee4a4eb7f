/** What `npm pack` makes, installed with npm where nothing of this repository is in reach. Needs the npm registry. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { blocksOf } from '../support/markdown';

const ROOT = join(__dirname, '..', '..');

/** The peers that a program has beside the two packages, in the versions that everything here is tested with. */
const PEERS = [
  '@pulumi/openstack',
  '@pulumi/pulumi',
  'cdk8s',
  'cdk8s-plus-28',
  'constructs',
  'typescript',
  '@types/node',
];

const TSCONFIG = {
  compilerOptions: { target: 'es2022', module: 'node16', types: ['node'], strict: true, noEmit: true },
  files: ['program.ts'],
};

const PROGRAM = `
import * as openstack from '@pulumi/openstack';
import type * as pulumi from '@pulumi/pulumi';
import { App, Chart } from 'cdk8s';
import { EgressRouter, RouterMode } from 'cdk8s-egress-router';
import { allowedAddressPairs, EgressRouterPorts } from 'pulumi-egress-router/openstack';
import { EgressPortGroup, type PortGroupResource, type VSphereModule } from 'pulumi-egress-router/vsphere';

const router = new EgressRouter(new Chart(new App(), 'egress'), 'partner', {
  mode: RouterMode.standalone({ image: 'registry.example.com/egress-router:0.1.0' }),
  addresses: [{ ip: '192.168.12.99/24', gateway: '192.168.12.1' }],
});
const portId = '5b2a5b6c-0c7e-4c3a-9a53-0d6c1f1f6e0a';
new EgressRouterPorts('partner', { routers: [router], nodes: [{ portId }] });
new openstack.networking.Port('worker', { networkId: portId, allowedAddressPairs: allowedAddressPairs([router]) });

interface Group extends PortGroupResource {
  readonly own: pulumi.Output<number>;
}
declare const vsphere: VSphereModule<Group, Group>;
const standard = { switchName: 'vSwitch1', hosts: { a: 'host-10' } };
export const own: pulumi.Output<number> | undefined = new EgressPortGroup(vsphere, 'egress', { vlanId: 1, standard })
  .hostPortGroups.a?.own;
`;

let folder: string;
let packed: string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egress-packages-'));
  packed = [ROOT, join(ROOT, 'cloud')].map(pack);
  const peers = PEERS.map((name) => `${name}@${installedVersion(name)}`);
  run('npm', ['init', '--yes']);
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packed, ...peers]);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

function run(command: string, words: string[], cwd = folder): string {
  return execFileSync(command, words, { cwd, encoding: 'utf8', stdio: 'pipe' });
}

function pack(directory: string): string {
  return join(folder, run('npm', ['pack', '--silent', '--pack-destination', folder], directory).trim());
}

function installedVersion(name: string): string {
  return JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/** What the compiler says of a program. */
function compile(program: string): string {
  writeFileSync(join(folder, 'program.ts'), program);
  try {
    return run('npx', ['tsc', '-p', '.']);
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

test('a program that has routers and both clouds compiles', () => expect(compile(PROGRAM)).toBe(''));

test('a program with mistakes does not, at both entry points', () => {
  const mistaken = PROGRAM.replace('nodes: [{ portId }]', 'nodes: [{ portID: portId }]').replace(
    'vlanId: 1',
    'vlan: 1',
  );
  const errors = compile(mistaken);
  expect(errors).toMatch(/program\.ts.*'portID' does not exist in type/);
  expect(errors).toMatch(/program\.ts.*'vlan' does not exist in type/);
});

test('vSphere loads where @pulumi/vsphere is not installed, and neither entry point loads cdk8s', () => {
  const script = `
    const names = ['openstack', 'vsphere'].flatMap((name) => Object.keys(require('pulumi-egress-router/' + name)));
    const loaded = Object.keys(require.cache).filter((file) => /node_modules.(cdk8s|constructs|@pulumi.openstack)/.test(file));
    console.log(JSON.stringify({ names, loaded }));`;
  const { names, loaded } = JSON.parse(run('node', ['-e', script]));
  expect(names).toEqual(expect.arrayContaining(['AllowedAddressPair', 'EgressRouterPorts', 'EgressPortGroup']));
  expect(loaded).toEqual([]);
});

test('a reservation where @pulumi/openstack is not installed says what to install', () => {
  rmSync(join(folder, 'node_modules', '@pulumi', 'openstack'), { recursive: true });
  const id = '5b2a5b6c-0c7e-4c3a-9a53-0d6c1f1f6e0a';
  const args = {
    routers: [{ addresses: [{ ip: '192.168.12.99' }], macAddress: '02:00:5e:10:00:63' }],
    nodes: [{ portId: id }],
    reservation: { networkId: id, subnetIds: { ipv4: id } },
  };
  const script = `
    const pulumi = require('@pulumi/pulumi');
    const { EgressRouterPorts } = require('pulumi-egress-router/openstack');
    pulumi.runtime.setMocks({ newResource: ({ inputs }) => ({ id: 'x', state: inputs }), call: () => ({}) });
    pulumi.runtime.runInPulumiStack(async () => {
      try { new EgressRouterPorts('partner', ${JSON.stringify(args)}); } catch (error) { console.log(error.message); }
    });`;
  expect(run('node', ['-e', script]).trim()).toBe(
    '[EgressRouterPorts "partner"] reservation: needs the package @pulumi/openstack, which is not installed: npm install @pulumi/openstack',
  );
});

test('an operation in a folder that does not reach the package says that every one needs it', () => {
  const empty = join(folder, '..', `${basename(folder)}-empty`);
  mkdirSync(empty);
  try {
    const args = {
      portId: '5b2a5b6c-0c7e-4c3a-9a53-0d6c1f1f6e0a',
      ipAddress: '192.168.12.99',
      macAddress: '02:00:5e:10:00:63',
    };
    // What the engine keeps in its state.
    const provider = run('node', [
      '-e',
      `
      const pulumi = require('@pulumi/pulumi');
      const { AllowedAddressPair } = require('pulumi-egress-router/openstack');
      const newResource = ({ inputs }) => {
        if (inputs.__provider) console.log(inputs.__provider.value ?? inputs.__provider);
        return { id: 'x', state: inputs };
      };
      pulumi.runtime.setMocks({ newResource, call: () => ({}) });
      pulumi.runtime.runInPulumiStack(async () => { new AllowedAddressPair('pair', ${JSON.stringify(args)}); });`,
    ]);
    writeFileSync(join(empty, 'provider.js'), provider);
    writeFileSync(
      join(empty, 'run.js'),
      "Promise.resolve().then(() => require('./provider').handler().delete('id', {})).catch((error) => console.log(error.message));",
    );
    const message = run('node', ['run.js'], empty);
    expect(message).toContain(
      `pulumi-egress-router is not found from ${empty} (Cannot find module 'pulumi-egress-router/`,
    );
    expect(message).toContain('destroy and refresh too');
  } finally {
    rmSync(empty, { recursive: true });
  }
});

test('the documents name the file that is made', () => {
  const [, file] = packed.map((path) => basename(path));
  const commands = blocksOf('docs/cloud.md').map(({ text }) => text);
  expect(commands).toContain(`npm install ./${file} @pulumi/pulumi\n`);
});

test('the package holds compiled code, its types and its licences, and no source', () => {
  const [{ files }] = JSON.parse(run('npm', ['pack', '--dry-run', '--json'], join(ROOT, 'cloud')));
  const others = files
    .map(({ path }: { path: string }) => path)
    .filter((path: string) => !/^lib\/.*\.(js|d\.ts)$/.test(path));
  expect(others.sort()).toEqual(['LICENSE', 'NOTICE', 'README.md', 'package.json']);
});
