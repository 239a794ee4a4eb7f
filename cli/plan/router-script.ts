import { type DataPlane, dataPlane } from '../../src/config/data-plane';
import { dataPlaneCommands } from '../../src/config/data-plane-text';
import type { Router } from '../input/router';

/** The pod's interface on the cluster network, unless its configuration says otherwise: what container runtimes call it. */
const PRIMARY = 'eth0';

/** What ADD makes of a router. */
export function planeOf({ config, link }: Router): DataPlane {
  return dataPlane(config, link, config.options.primaryInterface ?? PRIMARY);
}

/** ADD as a shell script that a person can run in a test namespace. */
export function routerScript(router: Router): string {
  const plane = planeOf(router);
  const steps = dataPlaneCommands(plane, '"$PARENT"').map(({ reason, command }) => ({
    reason: `# ${reason}`,
    command,
  }));
  const lines: string[] = [];
  for (const [index, { reason, command }] of steps.entries()) {
    // Steps with one reason are one paragraph.
    if (steps[index - 1]?.reason !== reason) lines.push('', reason);
    lines.push(command);
  }
  return [...head(router, plane), ...lines, ...tail(router, plane), ''].join('\n');
}

function head(router: Router, { link, primaryInterface }: DataPlane): string[] {
  const { name, provisioning, config } = router;
  const parent = link.master ?? '$PARENT';
  return [
    '#!/bin/sh',
    `# Router ${name}: what the plugin's ADD does, as commands. To try them: as root, in a network namespace that has`,
    `# ${primaryInterface} (the pod's) and ${parent} (the node's: on a node, the link is made there and put into the pod).`,
    ...(provisioning === 'operator' ? [OPERATOR_NOTE] : []),
    'set -eu',
    ...(link.master === undefined ? [`PARENT=\${PARENT:?"the interface of the node's default route"}`] : []),
    ...(config.options.detectConflicts ? ['', ...questions(router, parent)] : []),
  ];
}

const OPERATOR_NOTE =
  "# The operator's own plugin works otherwise and draws another MAC at every start; this is ours in its place.";

/** What is no state of the kernel: CHECK would not miss it. */
function questions({ config: { addresses, options } }: Router, parent: string): string[] {
  return [
    `# First ADD asks the LAN whether somebody holds the address (RFC 5227, RFC 4862), for at most ${options.conflictWait} s, and fails if so.`,
    ...addresses.map(({ cidr: { address } }) =>
      address.family === 4
        ? `#   arping -D -c 3 -I ${parent} ${address.text}`
        : `#   a neighbour solicitation for ${address.text}`,
    ),
  ];
}

function tail({ config: { addresses } }: Router, { announcements, link }: DataPlane): string[] {
  if (announcements === 0) return [];
  return [
    '',
    `# Last, ${link.name} announces its addresses ${announcements} times.`,
    ...addresses.map(({ cidr: { address } }) =>
      address.family === 4
        ? `#   arping -A -c ${announcements} -I ${link.name} ${address.text}`
        : `#   an unsolicited neighbour advertisement of ${address.text}`,
    ),
  ];
}
