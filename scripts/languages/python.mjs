import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, succeeds } from './command.mjs';
import { installedVersion, PEERS, pacmak } from './pacmak.mjs';

export const python = {
  name: 'Python',
  program: 'main.py',
  missing,
  steps: [
    ['jsii-pacmak builds the wheel', (work) => pacmak('python', work)],
    ['pip installs the wheel and its peers', install],
    ['a keyword of Python is a name with an underscore', checkKeyword],
  ],
  // In the work folder: the program must find the installed package and nothing else.
  synthesize: (work, folder, env) => run(interpreter(work), [join(folder, 'main.py')], { cwd: work, env }),
};

function missing() {
  if (!succeeds('python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 10))')) {
    return ['python3, 3.10 or later: apt-get install python3 python3-venv'];
  }
  // Debian splits ensurepip off: without it `python3 -m venv` starts, and fails half way.
  if (succeeds('python3', '-c', 'import venv, ensurepip')) return [];
  return ["python3's venv and ensurepip: apt-get install python3-venv"];
}

/** `pip check` holds the peers' versions against the ranges that pacmak has put into the wheel. */
function install(work) {
  const wheels = join(work, 'python');
  const wheel = readdirSync(wheels).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`jsii-pacmak made no wheel, but ${readdirSync(wheels).join(', ')}`);
  const peers = PEERS.map((name) => `${name}==${installedVersion(name)}`);
  run('python3', ['-m', 'venv', join(work, 'venv')]);
  const pip = (...words) => run(interpreter(work), ['-m', 'pip', ...words]);
  pip('install', '--quiet', '--disable-pip-version-check', join(wheels, wheel), ...peers);
  pip('check');
  return [wheel, ...peers].join(', ');
}

/** The API reference has the name without it, and a note about that. */
function checkKeyword(work) {
  run(interpreter(work), ['-c', 'import cdk8s_egress_router; cdk8s_egress_router.EgressRouterMonitoring(from_=[])']);
}

function interpreter(work) {
  return join(work, 'venv', 'bin', 'python');
}
