import { type DataPlane, dataPlane } from '../../src/domain/data-plane/data-plane';
import { type DataPlaneCommand, dataPlaneCommands } from '../../src/domain/data-plane/data-plane-text';
import { shellWord } from '../../src/domain/input/shell-word';
import type { Router } from '../input/router';

/** The pod's interface on the cluster network, unless its configuration says otherwise: what container runtimes call it. */
const PRIMARY = 'eth0';

/** What ADD makes of a router. */
export function planeOf({ config, link }: Router): DataPlane {
  return dataPlane(config, link, config.options.primaryInterface ?? PRIMARY);
}

/** ADD as commands. The parent interface is `"$PARENT"`, so that they can be tried where there is none of that name. */
export function routerCommands(router: Router): DataPlaneCommand[] {
  const plane = planeOf(router);
  const { master: _, ...link } = plane.link;
  return dataPlaneCommands({ ...plane, link }, '"$PARENT"');
}

/** ADD as a shell script that a person can run in a test namespace. */
export function routerScript(router: Router): string {
  const lines: string[] = [];
  let said: string | undefined;
  for (const { reason, command } of routerCommands(router)) {
    // Steps with one reason are one paragraph.
    if (reason !== said) lines.push('', `# ${reason}`);
    lines.push(command);
    said = reason;
  }
  return [...head(router), ...lines, ...tail(router), ''].join('\n');
}

function head(router: Router): string[] {
  const { name, provisioning, config } = router;
  const primary = config.options.primaryInterface ?? PRIMARY;
  return [
    '#!/bin/sh',
    `# Router ${oneLine(name)}: what the plugin's ADD does, as commands.`,
    ...(provisioning === 'operator' ? OPERATOR_NOTE : []),
    `# Needs root, and a network namespace with ${primary}, the pod's interface, and $PARENT, the node's interface on the LAN. (On a`,
    '# node, the link is made on $PARENT and put into the pod.) To try it, in a namespace that ends with the shell:',
    `#   unshare --net sh -c 'ip link add ${primary} type veth; ip link add lan0 up type veth; PARENT=lan0 sh FILE; sh'`,
    'set -eu',
    parentLine(config.macvlan.master),
    ...(config.options.detectConflicts ? ['', ...questions(router)] : []),
  ];
}

/** A comment ends with its line, whatever a name is. */
const oneLine = (text: string) => text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ');

function parentLine(master: string | undefined): string {
  return master === undefined
    ? `PARENT="\${PARENT:?set it to the interface of the node's default route, which ADD takes}"`
    : // The word after ":-" is read as a shell reads any other, and an assignment is not split.
      `PARENT=\${PARENT:-${shellWord(master)}}`;
}

const OPERATOR_NOTE = [
  "# The operator's own plugin works otherwise and draws another MAC at every start; this is ours in its place.",
];

/** What is no state of the kernel: CHECK would not miss it. */
function questions({ config: { addresses, options } }: Router): string[] {
  return [
    `# First ADD asks the LAN whether somebody holds the address (RFC 5227, RFC 4862), for at most ${options.conflictWait} s, and fails if so.`,
    ...addresses.map(({ cidr: { address } }) =>
      address.family === 4
        ? `#   arping -D -c 3 -I "$PARENT" ${address.text}`
        : `#   a neighbour solicitation for ${address.text}`,
    ),
  ];
}

function tail({ config: { addresses, options }, link }: Router): string[] {
  const { announcements } = options;
  if (announcements === 0) return [];
  return [
    '',
    `# At the end ${link} tells the LAN where its addresses are, ${announcements} ${announcements === 1 ? 'time' : 'times'}.`,
    ...addresses.map(({ cidr: { address } }) =>
      address.family === 4
        ? `#   arping -A -c ${announcements} -I ${link} ${address.text}`
        : `#   an unsolicited neighbour advertisement of ${address.text}`,
    ),
  ];
}
