import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGIN, REFERENCE_PLUGINS } from './plugin/contestants';

/** A bench of the executable, which runs in a network and mount namespace of its own. */
export interface PluginBench {
  readonly title: string;
  /** From this folder. */
  readonly program: string;
}

/** Runs a bench so that nothing is left on this machine. */
export function inOwnNamespaces({ title, program }: PluginBench, quick: boolean): string {
  const missing = missingRequirement();
  if (missing !== undefined) {
    if (process.env.CI) throw new Error(`the bench of ${title} needs ${missing}`);
    return `# ${title}\n\nNot measured: it needs ${missing}.`;
  }
  const inside = [process.execPath, ...process.execArgv, join(__dirname, program)];
  const args = ['--net', '--mount', ...inside, ...(quick ? ['--quick'] : [])];
  const { status, stdout } = spawnSync('unshare', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`the bench of ${title}: exit status ${status}`);
  return stdout.trimEnd();
}

function missingRequirement(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'root on Linux';
  if (!existsSync(PLUGIN)) return `${PLUGIN}: npm run build:plugin`;
  if (!existsSync(`${REFERENCE_PLUGINS}/macvlan`)) return "Debian's package containernetworking-plugins";
  const tools = ['ip', 'nft', 'curl', 'iperf3', 'python3', '/usr/bin/time'];
  const lacking = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
  return lacking.length > 0 ? `the commands ${lacking.join(', ')}` : undefined;
}
