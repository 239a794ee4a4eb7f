/**
 * `npm run soak [-- --minutes=10 --rules=10000]`: a router's `serve` under ten scrapes a second, and what that does to
 * its memory. As root on Linux; in a network and mount namespace of its own. It prints Markdown.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGIN } from '../plugin/contestants';

if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('the soak needs root on Linux');
if (!existsSync(PLUGIN)) throw new Error(`the soak needs ${PLUGIN}: npm run build:plugin`);
const inside = [process.execPath, ...process.execArgv, join(__dirname, 'scraped-router.ts')];
const { status } = spawnSync('unshare', ['--net', '--mount', ...inside, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
