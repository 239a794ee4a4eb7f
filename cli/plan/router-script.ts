import { type DataPlane, dataPlane } from '../../src/domain/data-plane/data-plane';
import { type DataPlaneCommand, dataPlaneCommands } from '../../src/domain/data-plane/data-plane-text';
import { shellWord } from '../../src/domain/input/shell-word';
import { PRIMARY_INTERFACE } from '../../src/domain/router/object-names';
import type { Router } from '../input/router';

/** The data plane that ADD creates. */
export function planeOf({ config, link }: Router): DataPlane {
  return dataPlane(config, link, config.options.primaryInterface ?? PRIMARY_INTERFACE);
}

/** ADD as commands. The parent interface is `"$PARENT"`, so that they can be tried on any machine. */
export function routerCommands(router: Router): DataPlaneCommand[] {
  const plane = planeOf(router);
  const { master: _, ...link } = plane.link;
  return dataPlaneCommands({ ...plane, link }, '"$PARENT"');
}

/** ADD as a shell script to run in a test namespace. */
export function routerScript(router: Router): string {
  const lines: string[] = [];
  let printed: string | undefined;
  for (const { reason, command } of routerCommands(router)) {
    // Steps with the same reason form one paragraph.
    if (reason !== printed) lines.push('', `# ${reason}`);
    lines.push(command);
    printed = reason;
  }
  return [...head(router), ...lines, ...tail(router), ''].join('\n');
}

function head(router: Router): string[] {
  const { name, mode, config } = router;
  const primary = config.options.primaryInterface ?? PRIMARY_INTERFACE;
  return [
    '#!/bin/sh',
    `# Router ${oneLine(name)}: the plugin's ADD as shell commands.`,
    ...(mode === 'operator' ? OPERATOR_NOTE : []),
    `# Requires root and a network namespace with ${primary} (the pod's interface) and $PARENT (the node's interface on the LAN). On a`,
    '# node, ADD creates the link on $PARENT and moves it into the pod. To try the script in a temporary namespace:',
    `#   unshare --net sh -c 'ip link add ${primary} type veth; ip link add lan0 up type veth; PARENT=lan0 sh FILE; sh'`,
    'set -eu',
    parentLine(config.macvlan.master),
    ...(config.options.detectConflicts ? ['', ...questions(router)] : []),
  ];
}

/** A comment ends with its line, so a name in it has no line break, and nothing that changes the order of its text. */
const oneLine = (text: string) => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');

function parentLine(master: string | undefined): string {
  return master === undefined
    ? `PARENT="\${PARENT:?set it to the interface of the node's default route, ADD's default}"`
    : // The shell expands the word after ":-" like any other, and does not split an assignment.
      `PARENT=\${PARENT:-${shellWord(master)}}`;
}

const OPERATOR_NOTE = [
  "# The operator's own plugin works differently and draws a new MAC at every start; these are the commands of our plugin.",
];

/** Steps that leave no kernel state, so that CHECK does not compare them. */
function questions({ config: { addresses, options } }: Router): string[] {
  return [
    `# First, ADD probes for an address conflict (RFC 5227, RFC 4862) and fails if one lasts ${options.conflictWait} s.`,
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
    `# Finally, ${link} announces its addresses, ${announcements} ${announcements === 1 ? 'time' : 'times'}.`,
    ...addresses.map(({ cidr: { address } }) =>
      address.family === 4
        ? `#   arping -A -c ${announcements} -I ${link} ${address.text}`
        : `#   an unsolicited neighbour advertisement of ${address.text}`,
    ),
  ];
}
