import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { arch, argv, chdir, pid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { linuxRuntime, ownBun } from './bun-runtime.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { newestChange } from './newest-change.mjs';

// `npm run build:plugin [-- --all]`: cni/ compiled to one executable for this machine, or for each architecture as
// well.
chdir(fileURLToPath(new URL('..', import.meta.url)));
ensureInstalled();

const FOLDER = 'cni/dist';
const SOURCES = ['cni', 'cli', 'src/domain', 'package-lock.json', 'scripts'];
/** File names have the architectures' names in Go and in container images. */
const TARGETS = { x64: 'amd64', arm64: 'arm64' };

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const OPTIONS = [
  // The installer identifies a file on a node by this text, and the plugin reads its own version from it.
  `--define=PLUGIN_MARKER=${JSON.stringify(`cdk8s-egress-router executable, version ${version};`)}`,
  '--compile',
  '--minify',
  '--bytecode',
  // Of one file for all commands, bun decodes every function at each call: a command loads its own chunks only. As few
  // chunks as possible, because each takes time to load.
  '--format=esm',
  '--splitting',
  '--min-chunk-size=1000000',
  // Almost nothing in a call of 10 ms runs often enough to repay its compilation, and that takes a third of its time.
  '--compile-jit-policy=100',
  // Files of the node's working directory must not change the plugin's behaviour.
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
];

build(arch, `${FOLDER}/egress-router`);
if (argv.includes('--all')) {
  for (const [target, name] of Object.entries(TARGETS)) build(target, `${FOLDER}/egress-router-${name}`);
}

function build(target, outfile) {
  if (existsSync(outfile) && statSync(outfile).mtimeMs > newestChange(SOURCES)) return;
  console.error(`Compiling ${outfile} …`);
  const started = new Date();
  mkdirSync(FOLDER, { recursive: true });
  const runtime = linuxRuntime(target, `${FOLDER}/runtime`);
  // A concurrent test must not run a partial executable. The name is constant, because it becomes part of the
  // executable: the same sources give the same bytes.
  const work = `${FOLDER}/build-${pid}`;
  const unfinished = `${work}/egress-router`;
  const platform = [`--target=bun-linux-${target}`, `--compile-executable-path=${runtime}`];
  const command = ['build', ...OPTIONS, ...platform, 'cni/main.ts', '--outfile', unfinished];
  try {
    execFileSync(ownBun(), command, { stdio: ['ignore', 'ignore', 'inherit'] });
    // A source that changes during the build must be newer than its output.
    utimesSync(unfinished, started, started);
    renameSync(unfinished, outfile);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
