/**
 * The steps of `.ci/run`. Each is one command of a shell, which ends at the first failure, and can run alone.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {string} summary one line for `--list`
 * @property {string} command
 * @property {string} [full] the command's longer form, for `--full`
 * @property {string[]} [packages] Debian packages that it needs, by their names in debian-packages.mjs
 * @property {string[]} [fullPackages] those that the longer form needs too
 * @property {string} [project] the jest project whose results it writes
 */

const NETWORK = ['iproute2', 'nftables', 'containernetworking-plugins', 'python3'];
/** For both architectures. */
const IMAGE = ['buildah', 'libc6-arm64-cross'];
/** Clients that verify names, and the database of one. */
const CLIENTS = ['curl', 'openssl', 'default-jdk-headless', 'postgresql', 'libpostgresql-jdbc-java'];
const OPENSTACK_PROGRAMS = 'node test/openstack/server/packages.mjs; node test/openstack/pulumi/build.mjs';

/** @type {Step} */
const unit = {
  name: 'unit',
  summary: 'unit tests, documents, and the examples against the manifests on record',
  command: 'npm test',
  full: 'npm test -- --full',
  project: 'unit',
};

/** @type {Step} */
const start = {
  name: 'start',
  summary: 'npm start: two examples, and a router in network namespaces',
  command: 'npm start',
};

/** @type {Step} */
const lint = { name: 'lint', summary: 'biome and the type checker', command: 'npm run lint' };

/** @type {Step} */
const api = {
  name: 'api',
  summary: 'jsii compiles the library, and its API reference is up to date',
  command: 'node scripts/ensure-ready.mjs; npm run build; npm run docs; git diff --exit-code -- docs/api.md docs/api',
};

/** @type {Step} */
const compatibility = {
  name: 'compatibility',
  summary: "the API keeps what the last release's had",
  command: 'npm run compatibility',
};

/** @type {Step} */
const synth = {
  name: 'synth',
  summary: 'every example by cdk8s synth',
  command: `
    node scripts/ensure-ready.mjs
    output=$(mktemp -d)
    trap 'rm -r "$output"' EXIT
    for example in examples/*/cdk8s.yaml; do
      (cd "$(dirname "$example")"; npx cdk8s synth --check-upgrade=false --output "$output/$example" >/dev/null)
      echo "$example"
    done`,
};

/** @type {Step} */
const languages = {
  name: 'languages',
  summary: 'examples in Python and Go write the same manifests; with --full in Java too',
  command: 'npm run test:languages',
  full: 'npm run test:languages -- --full',
  packages: ['python3', 'python3-venv'],
  fullPackages: ['default-jdk-headless', 'maven'],
};

/** @type {Step} */
const packages = {
  name: 'packages',
  summary: 'both npm packages, installed in an empty project',
  command: 'npm run test:packages',
  project: 'packages',
};

/** @type {Step} */
const pictures = {
  name: 'pictures',
  summary: 'pictures of diagram in a real browser',
  command: 'npm run test:pictures',
  packages: ['chromium'],
  project: 'pictures',
};

/** @type {Step} */
const plugin = {
  name: 'plugin',
  summary: "the plugin's executable for each architecture",
  command: 'npm run build:plugin -- --all',
};

/** @type {Step} */
const image = {
  name: 'image',
  summary: 'the image for each architecture',
  command: 'npm run image',
  packages: IMAGE,
};

/** @type {Step} */
const apiServer = {
  name: 'api-server',
  summary: 'every example on a real API server',
  command: 'npm run test:api-server',
  full: 'npm run test:api-server -- --full',
  packages: ['etcd-server'],
  project: 'api-server',
};

/** @type {Step} */
const kernel = {
  name: 'kernel',
  summary: 'the plugin in network namespaces',
  command: 'npm run build:plugin -- --all; npm run test:kernel',
  full: 'npm run build:plugin -- --all; npm run test:kernel -- --full',
  packages: [
    ...NETWORK,
    ...IMAGE,
    'podman',
    'skopeo',
    'docker-registry',
    'busybox-static',
    'runc',
    'tcpdump',
    'iperf3',
    'conntrack',
    'bind9-dnsutils',
    'strace',
    'iputils-arping',
    ...CLIENTS,
    'prometheus',
    'qemu-user-static',
  ],
  project: 'kernel',
};

/** @type {Step} */
const openstack = {
  name: 'openstack',
  summary: 'stacks of the real Pulumi engine on a real Neutron',
  command: 'npm run test:openstack',
  full: 'npm run test:openstack -- --full',
  packages: ['python3', 'openssl', 'iproute2'],
  fullPackages: ['python3-venv', 'iptables'],
  project: 'openstack',
};

/** @type {Step} */
const e2e = {
  name: 'e2e',
  summary: 'scenarios on a real cluster of three nodes',
  command: 'npm run e2e',
  full: 'npm run e2e -- --full',
  packages: [...NETWORK, ...IMAGE, ...CLIENTS, 'etcd-server', 'containerd', 'runc', 'tcpdump', 'conntrack'],
  fullPackages: ['iptables'],
};

/** @type {Step} */
const bench = {
  name: 'bench',
  summary: 'every benchmark runs',
  command: `node scripts/ensure-ready.mjs; ${OPENSTACK_PROGRAMS}; npm run bench -- --quick`,
  full: `node scripts/ensure-ready.mjs; ${OPENSTACK_PROGRAMS}; npm run bench`,
  packages: [...NETWORK, 'curl', 'iperf3', 'time'],
};

/** @type {Step} */
const clean = {
  name: 'clean',
  summary: 'nothing generated was left uncommitted',
  command: 'test -z "$(git status --porcelain)" || { git status --short; exit 1; }',
};

/**
 * What a complete run does: stages one after another, and the lanes of a stage side by side. Steps share a stage only
 * where neither writes what the other reads, and where none measures.
 *
 * @type {Step[][][]}
 */
export const STAGES = [
  [[unit]],
  [[start]],
  [[lint]],
  [[api]],
  [[compatibility]],
  // The first waits for the registries of npm and PyPI, the second compiles.
  [
    [synth, languages, packages, pictures],
    [plugin, image, apiServer],
  ],
  // Both wait more than they compute, each for something else.
  [[kernel], [openstack]],
  [[e2e]],
  [[bench]],
  [[clean]],
];
