import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeOnKernel } from './support/requires';

const ROOT = join(__dirname, '..', '..');

/** What `npm start` may call: Node.js with npm, a shell, and what Debian's coreutils, util-linux and mount have. */
const COMMANDS = ['node', 'npm', 'sh', 'true', 'nsenter', 'setpriv', 'umount', 'unshare'];

/** Runs it where a search for commands finds these alone. */
function npmStart(commands: readonly string[]): SpawnSyncReturns<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bare-machine-'));
  try {
    for (const command of commands) symlinkSync(locate(command), join(folder, command));
    const env = { PATH: folder, HOME: process.env.HOME, CI: 'true' };
    return spawnSync(locate('npm'), ['start'], { cwd: ROOT, env, encoding: 'utf8', timeout: 240_000 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function locate(command: string): string {
  const folders = [dirname(process.execPath), ...process.env.PATH!.split(':')];
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path))!;
}

describeOnKernel('npm start where nft, tcpdump and ip are missing', COMMANDS, () => {
  let started: SpawnSyncReturns<string>;
  beforeAll(() => {
    started = npmStart(COMMANDS);
  }, 250_000);

  test('shows that a server saw the reserved IP and MAC, and the frame', () => {
    const { status, stdout, stderr } = started;
    expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
    const lines = stdout.trimEnd().split('\n').slice(-9);
    expect(lines[0]).toBe('  egress-router DEL net1');
    expect(lines[1]).toBe("  the first frame of 10.244.1.7's connection, as the gateway received it from the LAN:");
    expect(lines[2]).toMatch(/^ +e2:65:c0:a8:0c:63 > \S+, TCP 192\.168\.12\.99 > 203\.0\.113\.26, 74 bytes$/);
    expect(lines[8]).toBe(
      '  proven: server 203.0.113.26 port 443 saw the reserved IP 192.168.12.99, and the LAN saw the reserved MAC e2:65:c0:a8:0c:63',
    );
    const bytes = lines.slice(3, 8).flatMap((line) => line.trim().split(/ +/).slice(1));
    // The source MAC of the Ethernet header, and the source address of the IPv4 header.
    expect(bytes.slice(6, 12).join(':')).toBe('e2:65:c0:a8:0c:63');
    expect(bytes.slice(26, 30)).toEqual([192, 168, 12, 99].map((octet) => octet.toString(16).padStart(2, '0')));
  });

  test('fails closed when the table is removed', () => {
    const { stdout } = started;
    expect(stdout).toMatch(/ table inet egress_router is removed, and the router fails closed: TCP from 10\.244\.1\.7/);
    expect(stdout).toMatch(
      / ECONNREFUSED; no frame of 10\.244\.1\.7 on the LAN; the router is not ready:\n +\[-\]rules/,
    );
  });

  test('names what is missing in one line', () => {
    const { status, stdout } = npmStart(COMMANDS.filter((command) => command !== 'setpriv'));
    expect(status).toBe(1);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      "  not shown here: it needs setpriv (Debian's package util-linux)",
    );
  }, 250_000);
});
