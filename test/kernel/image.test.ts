import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { blocksOf, readDocument } from '../support/markdown';
import { Namespace } from './lab/namespace';
import { Container, type DeclaredContainer } from './support/container';
import { eventually } from './support/eventually';
import { ARCHIVE, buildImage, type ImageConfig, unpackImage } from './support/image';
import { describeOnKernel } from './support/requires';

const ROOT = resolve(__dirname, '../..');

/** What a router's manifest says, with other arguments. */
const declared = (...args: string[]): DeclaredContainer => ({
  command: ['/egress-router'],
  args,
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
  resources: { limits: { memory: '128Mi' } },
});

/** Files of an architecture's image; C libraries by what they are called everywhere. */
const files = (loader: string, triplet: string) =>
  [
    'egress-router',
    loader,
    ...['libc.so.6', 'libdl.so.2', 'libm.so.6', 'libpthread.so.0'].map((name) => `lib/${triplet}/${name}`),
    ...['LICENSE', 'NOTICE', 'bun', 'glibc'].map((name) => `licenses/${name}`),
  ].sort();

const ARCHITECTURES = [
  { name: 'amd64', contents: files('lib64/ld-linux-x86-64.so.2', 'x86_64-linux-gnu'), emulator: 'qemu-x86_64-static' },
  { name: 'arm64', contents: files('lib/ld-linux-aarch64.so.1', 'aarch64-linux-gnu'), emulator: 'qemu-aarch64-static' },
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egress-router-image-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describeOnKernel('the image', ['buildah', 'runc', 'podman', 'skopeo', 'docker-registry'], () => {
  const images: Record<string, ImageConfig> = {};
  beforeAll(() => {
    buildImage();
    for (const { name } of ARCHITECTURES) images[name] = unpackImage(join(folder, name), name);
  }, 300_000);

  describe.each(ARCHITECTURES)('for $name', ({ name, contents, emulator }) => {
    const rootfs = () => join(folder, name, 'rootfs');

    test('is the executable, the libraries that it loads and their licences, and nothing else', () => {
      const found = readdirSync(rootfs(), { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(rootfs().length + 1));
      expect(found.sort()).toEqual(contents);
    });

    test('runs as a user that is not root, and says what it is', () => {
      expect(images[name]).toMatchObject({
        architecture: name,
        config: {
          User: '65532:65532',
          Entrypoint: ['/egress-router'],
          Labels: {
            'org.opencontainers.image.title': 'egress-router',
            'org.opencontainers.image.version': expect.stringMatching(/^\d+\.\d+\.\d+/),
            'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$|^$/),
          },
        },
      });
    });

    describeOnKernel('on its CPU', [emulator], () => {
      // With the image's own loader and libraries, wherever this machine keeps its.
      test('starts', () => {
        const { stdout, stderr } = spawnSync(emulator, ['-L', rootfs(), join(rootfs(), 'egress-router'), '--version'], {
          encoding: 'utf8',
        });
        expect({ stdout, stderr }).toMatchObject({ stdout: expect.stringContaining('CNI plugin egress-router v') });
      });
    });
  });

  test('starts under runc as its manifest has it: not root, no capability, a read-only root, a seccomp filter', async () => {
    using network = Namespace.create(`erimage${process.pid}`);
    const bundle = join(folder, process.arch === 'arm64' ? 'arm64' : 'amd64');
    const place = { bundle, networkNamespace: network.path, user: 65532 };
    using version = new Container(declared('--version'), place);
    expect(await version.end()).toBe(0);
    expect(version.stdout).toContain('CNI plugin egress-router v');
    using misspelt = new Container(declared('instal'), place);
    expect(await misspelt.end()).toBe(2);
    expect(misspelt.stderr).toContain('did you mean install?');
  });

  test('is loaded and run by podman', () => {
    const store = [
      '--root',
      join(folder, 'podman'),
      '--runroot',
      join(folder, 'podman-run'),
      '--storage-driver',
      'vfs',
    ];
    const podman = (...words: string[]) =>
      execFileSync('podman', [...store, '--cgroup-manager=cgroupfs', '--runtime=runc', ...words], { encoding: 'utf8' });
    const [, name] = /Loaded image: (\S+)/.exec(podman('load', '--input', ARCHIVE))!;
    // Limits that this user has already.
    const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
    const locked = ['--rm', '--network=none', '--cap-drop=all', '--read-only'];
    expect(podman('run', ...limits, ...locked, name!, '--version')).toContain('CNI plugin egress-router v');
  });

  test("goes to a registry by the documentation's command, for both architectures", async () => {
    const port = await freePort();
    using registry = startRegistry(port);
    await eventually(() => registry.requireAnswer(), 20_000);
    const command = blocksOf('docs/image.md').find(({ text }) => text.startsWith('skopeo copy'))!.text;
    const local = command.replace(
      'docker://registry.example.com',
      `--dest-tls-verify=false docker://localhost:${port}`,
    );
    expect(local).not.toBe(command);
    execFileSync('sh', ['-ec', local], { cwd: ROOT, stdio: 'pipe' });
    const [, tag] = /:([^:\s]+)\s*$/.exec(command)!;
    const response = await fetch(`http://localhost:${port}/v2/egress-router/manifests/${tag}`, {
      headers: { accept: 'application/vnd.oci.image.index.v1+json' },
    });
    const { manifests } = (await response.json()) as { manifests: { platform: { architecture: string } }[] };
    expect(manifests.map(({ platform }) => platform.architecture).sort()).toEqual(['amd64', 'arm64']);
  });

  test('has the size that the documentation states', () => {
    const [, stated] = /(\d+) MB for both/.exec(readDocument('docs/image.md'))!;
    expect(Math.abs(statSync(ARCHIVE).size / 1e6 - Number(stated))).toBeLessThan(5);
  });

  test('is not built without the executable: the step that misses it is named', () => {
    const context = join(folder, 'incomplete');
    mkdirSync(join(context, 'amd64/root'), { recursive: true });
    writeFileSync(join(context, 'amd64/root/present'), '');
    const store = ['--root', join(folder, 'buildah'), '--runroot', join(folder, 'buildah-run')];
    const { status, stderr } = spawnSync(
      'buildah',
      [
        ...store,
        '--storage-driver=vfs',
        'build',
        '--isolation=chroot',
        '--platform=linux/amd64',
        '-f',
        'Containerfile',
        context,
      ],
      { cwd: ROOT, encoding: 'utf8' },
    );
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/building at STEP "COPY \S+\/egress-router \/egress-router"/);
  });
});

interface Registry extends Disposable {
  requireAnswer(): Promise<void>;
}

function startRegistry(port: number): Registry {
  const config = join(folder, 'registry.yml');
  const storage = `storage: { filesystem: { rootdirectory: ${folder}/registry } }`;
  writeFileSync(config, `version: 0.1\nlog: { level: error }\n${storage}\nhttp: { addr: 'localhost:${port}' }\n`);
  const server: ChildProcess = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  return {
    requireAnswer: async () => expect((await fetch(`http://localhost:${port}/v2/`)).status).toBe(200),
    [Symbol.dispose]: () => server.kill(),
  };
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, 'localhost', () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => done(port));
    });
  });
}

// The document's commands name the version that is built.
test("the documentation's image is this version's", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(readDocument('docs/image.md')).toContain(`dist/egress-router-${version}.oci.tar`);
});
