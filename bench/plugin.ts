import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGIN, REFERENCE_PLUGINS } from './plugin/contestants';

/**
 * The plugin on the node, compared with its peers: in its own network and mount namespace, so that nothing is left on
 * this machine.
 */
export function plugin(quick: boolean): string {
  const missing = missingRequirement();
  if (missing !== undefined) {
    if (process.env.CI) throw new Error(`the bench of the plugin needs ${missing}`);
    return `# Plugin\n\nNot measured: it needs ${missing}.`;
  }
  const inside = [process.execPath, ...process.execArgv, join(__dirname, 'plugin/main.ts')];
  const args = ['--net', '--mount', ...inside, ...(quick ? ['--quick'] : [])];
  const { status, stdout } = spawnSync('unshare', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`the bench of the plugin: exit status ${status}`);
  return stdout.trimEnd();
}

function missingRequirement(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'root on Linux';
  if (!existsSync(PLUGIN)) return `${PLUGIN}: npm run build:plugin`;
  if (!existsSync(`${REFERENCE_PLUGINS}/macvlan`)) return "Debian's package containernetworking-plugins";
  const tools = ['ip', 'nft', 'iperf3', 'python3', '/usr/bin/time'];
  const lacking = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
  return lacking.length > 0 ? `the commands ${lacking.join(', ')}` : undefined;
}
