import { readFileSync } from 'node:fs';
import { findLink } from '../netlink/route/link';
import { type Examination, found } from './examination';
import { shellCommand } from './shell-command';
import { type NamespaceView, parentLink, type Subject } from './subject';

/** Columns of `/proc/net/packet`: the interface's index, where 0 is all of them. */
const INTERFACE = 4;

/**
 * "It works while tcpdump runs": a capture makes an interface accept frames for every MAC, and hides that the card or
 * the platform would drop the router's.
 */
export function examineCapture(subject: Subject): Examination {
  const { pod, node, plane } = subject;
  const views: readonly (readonly [where: string, view: NamespaceView | undefined, name: string | undefined])[] = [
    ['on the node', node, parentLink(subject)?.name],
    ['in the pod', pod, plane.link.name],
  ];
  return found(
    ...views.flatMap(([where, view, name]) => {
      const link = view === undefined || name === undefined ? undefined : findLink(view.route, name);
      if (view === undefined || link === undefined || link.promiscuity === 0) return [];
      if (!view.run(() => isCapturedOn(link.index))) return [];
      return [
        {
          id: 'promiscuous' as const,
          problem: `A capture runs on ${link.name} ${where}, so that it accepts frames for every MAC address.`,
          explanation:
            'If the router works only during the capture, the network card or the platform drops frames for its MAC address: end the capture and run doctor again.',
          commands: [
            shellCommand`ss --packet --processes`,
            shellCommand`ip -details link show ${link.name}   # promiscuity`,
          ],
        },
      ];
    }),
  );
}

/** The capturing process is unknown without permission to read its sockets. */
function isCapturedOn(index: number): boolean {
  const [, ...lines] = readFileSync('/proc/thread-self/net/packet', 'utf8').trimEnd().split('\n');
  return lines.some((line) => [0, index].includes(Number(line.trim().split(/\s+/)[INTERFACE])));
}
