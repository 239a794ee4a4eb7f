import { type Flag, type Flags, readFlags, UsageError } from '../../cli/flags';
import { Field } from '../../src/domain/input/decoder';
import { type Issue, issueText } from '../../src/domain/input/issue';
import { printableLines } from '../../src/domain/input/printable-text';
import { DEFAULT_PLUGIN_DIRECTORY, DEFAULT_PLUGIN_NAME, readPluginName } from '../../src/domain/values/plugin-name';
import { attachmentsText } from '../install/attachments-text';
import { description, type FoundFile, isOurs } from '../install/found-file';
import { InstallError } from '../install/install-error';
import { PluginInstaller } from '../install/plugin-installer';
import { type Goal, watch } from '../install/watch';
import { jsonLine } from '../log/json-line';
import { ownVersion } from '../protocol/usage';

const FLAGS = {
  'cni-bin-dir': {
    value: 'DIR',
    help: `the runtime's plugin directory, at the same path here and on the node (${DEFAULT_PLUGIN_DIRECTORY})`,
  },
  'plugin-name': { value: 'NAME', help: 'name of the plugin: its file, and the type of its networks (egress-router)' },
  'node-root': { value: 'DIR', help: "where the node's root directory is mounted here (/, on the node itself)" },
  master: { value: 'INTERFACE', help: "parent interface to check (that of the node's default route)" },
  watch: { help: 'keep running, and reinstall when the file is changed or removed' },
  check: { help: 'change nothing: exit code 0 if it is installed and STATUS is OK' },
  uninstall: { help: 'remove it' },
  force: { help: 'replace a foreign file; uninstall even if routers use it, and name them' },
} as const satisfies Readonly<Record<string, Flag>>;

type InstallFlags = Flags<keyof typeof FLAGS>;

/**
 * `egress-router install` installs this executable in the node's plugin directory, or removes it.
 *
 * @returns the exit code
 */
export async function install(args: readonly string[]): Promise<number> {
  const flags = readFlags('install', args, FLAGS);
  refuseTogether(flags, 'check', 'watch');
  refuseTogether(flags, 'check', 'force');
  try {
    await run(flags);
    return 0;
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    report(flags, 'error', error.message);
    return 1;
  }
}

async function run(flags: InstallFlags): Promise<void> {
  const installer = new PluginInstaller({
    directory: absolutePath(flags, 'cni-bin-dir', DEFAULT_PLUGIN_DIRECTORY),
    plugin: pluginName(flags),
    nodeRoot: absolutePath(flags, 'node-root', '/'),
    master: flags.value('master'),
    force: flags.has('force'),
  });
  if (flags.has('check')) {
    await (flags.has('uninstall') ? installer.requireUninstalled() : installer.requireInstalled());
    return;
  }
  endOnSignal(installer);
  const goal = flags.has('uninstall') ? uninstalled(installer, flags) : installed(installer, flags);
  await (flags.has('watch') ? watch(installer, goal) : goal.reach());
}

function installed(installer: PluginInstaller, flags: InstallFlags): Goal {
  return {
    async reach() {
      const found = await installer.install();
      report(flags, 'info', `${installer.file} is version ${ownVersion()}, ${BEFORE[found.what]}; STATUS is OK`);
    },
    holds: async () => (await installer.find()).what === 'installed',
  };
}

const BEFORE: Readonly<Record<FoundFile['what'], string>> = {
  installed: 'unchanged',
  nothing: 'new',
  ours: 'instead of another build of ours',
  foreign: 'instead of a foreign file',
  openshift: "instead of OKD's own",
};

function uninstalled(installer: PluginInstaller, flags: InstallFlags): Goal {
  return {
    async reach() {
      const { found, users } = await installer.uninstall();
      const what = isOurs(found) ? 'was removed' : `${description(found)}: nothing to remove`;
      // With --force: kubelet's later failure to delete those pods has this cause.
      report(flags, 'info', `${installer.file} ${what}${users.length > 0 ? `; ${attachmentsText(users)}` : ''}`);
    },
    holds: async () => !isOurs(await installer.find()),
  };
}

/** A container's first process ignores signals that it does not handle. The plugin stays installed. */
function endOnSignal(installer: PluginInstaller): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      installer.abandon();
      process.exit(0);
    });
  }
}

function refuseTogether(flags: InstallFlags, one: keyof typeof FLAGS, other: keyof typeof FLAGS): void {
  if (flags.has(one) && flags.has(other)) throw new UsageError(`install: --${one} and --${other} exclude each other`);
}

function absolutePath(flags: InstallFlags, name: keyof typeof FLAGS, byDefault: string): string {
  const path = flags.value(name) ?? byDefault;
  if (path.startsWith('/')) return path;
  throw new InstallError(`--${name}: ${JSON.stringify(path)} is not absolute; accepted: a path that begins with /`);
}

function pluginName(flags: InstallFlags): string {
  const issues: Issue[] = [];
  const name = readPluginName(Field.root(flags.value('plugin-name') ?? DEFAULT_PLUGIN_NAME, issues, '--plugin-name'));
  if (name === undefined) throw new InstallError(issues.map(issueText).join('\n'));
  return name;
}

/** In a pod, one JSON object per line; on a terminal, the sentence. It may quote a program of the node. */
function report(flags: InstallFlags, level: 'info' | 'error', text: string): void {
  const message = printableLines(text);
  const line = flags.has('watch') ? jsonLine({ time: new Date().toISOString(), level, message }) : `${message}\n`;
  (level === 'error' && !flags.has('watch') ? process.stderr : process.stdout).write(line);
}
