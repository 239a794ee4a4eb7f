import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** The executable that the tests run, as a node would. */
export const PLUGIN = resolve(__dirname, '../../../cni/dist/egress-router');

/** Debian's package of each tool whose package has another name. */
const PACKAGES: Record<string, string> = {
  arping: 'iputils-arping',
  busybox: 'busybox-static',
  dig: 'bind9-dnsutils',
  ip: 'iproute2',
  nft: 'nftables',
  promtool: 'prometheus',
  'qemu-aarch64-static': 'qemu-user-static',
  'qemu-x86_64-static': 'qemu-user-static',
  setpriv: 'util-linux',
};

/**
 * Like jest's `describe`, for tests that need network namespaces of a real kernel, the plugin's executable and some
 * tools: names of commands, or absolute paths.
 *
 * On a machine that lacks something the tests are skipped, and the run says exactly what. Where the variable CI is set
 * they fail with that sentence instead: a pipeline that skips proves nothing.
 */
export function describeOnKernel(name: string, tools: readonly string[], tests: () => void): void {
  const missing = missingRequirements(tools);
  if (missing.length === 0) {
    describe(name, tests);
    return;
  }
  const sentence = `${name} needs ${missing.join('; ')}`;
  if (!process.env.CI) console.warn(`SKIPPED ${sentence}`);
  (process.env.CI ? describe : describe.skip)(name, () => {
    beforeAll(() => {
      throw new Error(sentence);
    });
    tests();
  });
}

/** What this machine lacks, each as a phrase that says how to get it. */
export function missingRequirements(tools: readonly string[]): string[] {
  if (process.platform !== 'linux') return [`Linux (this is ${process.platform})`];
  if (process.getuid?.() !== 0) return [`root (this is user ${process.getuid?.()})`];
  const missing = tools.filter((tool) => !isExecutable(tool)).map(howToGet);
  if (!existsSync(PLUGIN)) missing.push(`${PLUGIN} (npm run build:plugin)`);
  const unshare = spawnSync('unshare', ['--net', 'true'], { encoding: 'utf8' });
  if (unshare.status !== 0) missing.push(`the right to make network namespaces (${unshare.stderr.trim()})`);
  return missing;
}

function howToGet(tool: string): string {
  if (tool.startsWith(PLUGIN)) return `${tool} (npm run build:plugin -- --all)`;
  return tool.startsWith('/') ? tool : `${tool} (Debian's package ${PACKAGES[tool] ?? tool})`;
}

/** The shell's rule: a path as it is, a name anywhere in PATH. */
function isExecutable(tool: string): boolean {
  const folders = tool.startsWith('/') ? ['/'] : (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
