// Unpacks Debian's Neutron, Keystone, command line, OVN and RabbitMQ into a cache folder, once for each set of
// versions, and makes the databases that each server starts with.
//
//   node packages.mjs          make what is missing, print where it lies
//   node packages.mjs --path   only look: print the folder, or say what is missing and exit with status 1
//
// Unpacked and not installed: an installed neutron-server starts itself, and brings 230 packages that only tests need.

import { execFile, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, homedir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// Keystone's dependencies hold the command `openstack`; it is named because the benchmarks need it.
const packages = [
  ...['neutron-server', 'keystone', 'python3-openstackclient'],
  ...['ovn-central', 'ovn-host', 'openvswitch-switch', 'rabbitmq-server'],
];
const apt = ['install', '-qq', '-y', '--no-install-recommends'];
// Else a request that reads can hold up the same server's request that writes: 'database is locked'.
const writeAhead = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA journal_mode=WAL")';
const here = dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);

const cache = resolve(process.env.EGRESS_ROUTER_CACHE || join(homedir(), '.cache', 'cdk8s-egress-router'));
try {
  const files = wantedFiles();
  const folder = join(cache, `openstack-${key(files)}`);
  if (existsSync(folder)) {
    console.log(process.argv[2] === '--path' ? folder : `openstack: ${files.length} packages are present in ${folder}`);
  } else if (process.argv[2] === '--path') {
    throw new Error(
      'The test OpenStack is not unpacked: run `node test/openstack/server/packages.mjs` (a minute, once).',
    );
  } else {
    await make(files, folder);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/**
 * The names of the .deb files, with versions, that apt would install here. Those already installed are not among them.
 */
function wantedFiles() {
  const answer = spawnSync('apt-get', [...apt, '--print-uris', ...packages], { encoding: 'utf8' });
  if (answer.error?.code === 'ENOENT') {
    throw new Error('The program `apt-get` is missing: OpenStack for tests comes from the packages of Debian 12.');
  }
  if (answer.status !== 0) {
    throw new Error(`apt-get does not know ${packages.join(', ')}: run \`apt-get update\`.\n${answer.stderr.trim()}`);
  }
  const lines = answer.stdout.trim().split('\n').filter(Boolean);
  return lines.map((line) => line.split(' ')[1]).sort();
}

/** Names everything that the folder's content depends on: the packages, and what makes the databases. */
function key(files) {
  const hash = createHash('sha256').update(files.join('\n'));
  for (const script of ['packages.mjs', 'keystone.conf', 'neutron_tables.py'])
    hash.update(readFileSync(join(here, script)));
  return hash.digest('hex').slice(0, 16);
}

/** Into a folder of its own that is renamed at the end, so that `folder` is complete whenever it exists. */
async function make(files, folder) {
  const partial = join(cache, `partial-${process.pid}`);
  const archives = join(partial, 'archives');
  const start = Date.now();
  console.log(`openstack: fetching ${files.length} packages (a minute, once) ...`);
  try {
    mkdirSync(join(archives, 'partial'), { recursive: true });
    download(archives);
    await unpack(archives, join(partial, 'root'));
    rmSync(archives, { recursive: true });
    await makeDatabases(partial, join(partial, 'databases'));
    rename(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  console.log(`openstack: unpacked into ${folder} in ${Math.round((Date.now() - start) / 1000)} s`);
}

/** Another run of the same key may have been faster; its folder is as good as ours. */
function rename(partial, folder) {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

function download(archives) {
  // Nothing is installed, so the lock on the database of what is installed is not needed, nor root.
  const options = ['-o', `Dir::Cache::archives=${archives}`, '-o', 'Debug::NoLocking=1'];
  const answer = spawnSync('apt-get', [...apt, '--download-only', ...options, ...packages], { encoding: 'utf8' });
  if (answer.status === 0) return;
  throw new Error(`apt-get could not download: run \`apt-get update\` and try again.\n${answer.stderr.trim()}`);
}

async function unpack(archives, root) {
  mkdirSync(root);
  const waiting = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  const worker = async () => {
    for (let name = waiting.pop(); name; name = waiting.pop())
      await run('dpkg-deb', ['-x', join(archives, name), root]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** A user `admin` in a project `admin` of the domain `default`, and Neutron's empty tables. */
async function makeDatabases(folder, databases) {
  for (const name of ['fernet', 'credential']) mkdirSync(join(databases, name), { recursive: true, mode: 0o700 });
  const password = randomBytes(16).toString('hex');
  writeFileSync(join(databases, 'admin-password'), password, { mode: 0o600 });
  const debian = (...args) => run(join(here, 'debian.sh'), [folder, ...args], { cwd: databases });
  const manage = (...args) => debian('keystone-manage', '--config-file', join(here, 'keystone.conf'), ...args);
  const { username, gid } = userInfo();
  const owner = ['--keystone-user', username, '--keystone-group', String(gid)];
  for (const name of ['keystone', 'neutron'])
    await run('/usr/bin/python3', ['-c', writeAhead, join(databases, `${name}.sqlite`)]);
  const neutron = debian(join(here, 'neutron_tables.py'), 'neutron.sqlite');
  await manage('db_sync');
  await manage('fernet_setup', ...owner);
  await manage('credential_setup', ...owner);
  await manage('bootstrap', '--bootstrap-password', password);
  await neutron;
}
