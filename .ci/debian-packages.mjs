import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What steps run beside: each of Debian's packages, by a file of it. */
const FILES = {
  'bind9-dnsutils': '/usr/bin/dig',
  buildah: '/usr/bin/buildah',
  'busybox-static': '/bin/busybox',
  chromium: '/usr/bin/chromium',
  conntrack: '/usr/sbin/conntrack',
  containerd: '/usr/bin/containerd',
  'containernetworking-plugins': '/usr/lib/cni/macvlan',
  curl: '/usr/bin/curl',
  'default-jdk-headless': '/usr/bin/javac',
  'docker-registry': '/usr/bin/docker-registry',
  'etcd-server': '/usr/bin/etcd',
  iperf3: '/usr/bin/iperf3',
  iproute2: '/usr/sbin/ip',
  iptables: '/usr/sbin/iptables',
  'iputils-arping': '/usr/bin/arping',
  'libc6-arm64-cross': '/usr/aarch64-linux-gnu/lib/libc.so.6',
  'libpostgresql-jdbc-java': '/usr/share/java/postgresql.jar',
  maven: '/usr/bin/mvn',
  nftables: '/usr/sbin/nft',
  openssl: '/usr/bin/openssl',
  podman: '/usr/bin/podman',
  // The server's; psql is in a package of its own.
  postgresql: '/usr/bin/pg_createcluster',
  prometheus: '/usr/bin/promtool',
  python3: '/usr/bin/python3',
  'qemu-user-static': '/usr/bin/qemu-aarch64-static',
  runc: '/usr/sbin/runc',
  skopeo: '/usr/bin/skopeo',
  strace: '/usr/bin/strace',
  tcpdump: '/usr/bin/tcpdump',
  time: '/usr/bin/time',
};

/** Installs those that are missing. @throws of an unknown name, and when apt-get fails */
export function installPackages(names) {
  const missing = [...new Set(names)].filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  console.log(`Installing ${missing.join(', ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const stdio = ['ignore', 'ignore', 'inherit'];
  execFileSync('apt-get', ['update', '-qq'], { env, stdio });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env, stdio });
}

function isInstalled(name) {
  // Debian splits ensurepip off python3, and a Python from elsewhere has it: only trying says.
  if (name === 'python3-venv') return spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;
  if (!Object.hasOwn(FILES, name))
    throw new Error(`${name} is an unknown package; accepted: ${Object.keys(FILES).join(', ')}, python3-venv`);
  return existsSync(FILES[name]);
}
