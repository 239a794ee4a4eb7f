import { closeSync, readFileSync, writeSync } from 'node:fs';
import { DEFAULT_OPTIONS } from '../../src/domain/router/router-options';
import { tryLockFile, waitForInput } from '../ffi/libc';
import { openRunFile } from '../netns/run-file';
import { nodeArpRate } from './node-arp-rate';

/** When the next router of this node may send ARP frames. Like attachments, it does not survive a reboot. */
const ARP_PACE_FILE = '/run/egress-router/arp-pace';

/** Milliseconds that ADD waits for its first turn at most: kubelet gives a pod's network two minutes. */
export const TURN_PATIENCE = 60_000;

/** Milliseconds after the present in which the file of a node may have its next turn; else the file is damaged. */
const FARTHEST_TURN = 2 * TURN_PATIENCE;

/** Milliseconds between attempts to get the lock, which is held for microseconds, and to get a turn. */
const POLL_MILLISECONDS = 10;

/** Milliseconds in which frames are given back; else the next turn comes later than it could. */
const GIVE_BACK_MILLISECONDS = 500;

/** Digits of a turn in the file. */
const TEXT_LENGTH = 16;

/**
 * Spaces the ARP frames of all routers that start on one node: access switches shut a port that gets more than 15 ARP
 * frames a second (Cisco's default). Each ADD is a process of its own, so the turns are in a file: each ADD takes the
 * time that its frames need, and moves the next turn behind it. The file is locked for the moment of taking a turn, not
 * while frames are sent, so a process that is killed or stopped does not delay the others.
 *
 * A turn takes the time that its frames need at the node's rate, which no configuration changes: a tenant's router that
 * sends its frames more slowly must not take the time of others. Without a turn in time no frame is sent.
 */
export class ArpPace {
  /** The next router's turn, as the file has it until that one is taken. */
  private ownNext: number | undefined;

  /**
   * @param framesPerSecond the router's own
   * @param nodeRate frames a second of all routers that start on the node
   */
  public constructor(
    private readonly framesPerSecond: number,
    private readonly nodeRate = nodeArpRate(),
    private readonly file = ARP_PACE_FILE,
  ) {}

  /** Milliseconds between the frames of this router: 0 at a pace that allows its frames in one burst. */
  public get spacing(): number {
    const slowest = Math.min(this.framesPerSecond, this.nodeRate);
    return slowest < DEFAULT_OPTIONS.arpFramesPerSecond ? 1000 / slowest : 0;
  }

  /**
   * Waits for the turn of so many frames.
   *
   * @param patience milliseconds to wait at most
   * @returns whether it came
   */
  public take(frames: number, patience = TURN_PATIENCE): boolean {
    if (frames <= 0) return true;
    const deadline = performance.now() + patience;
    for (;;) {
      const wait = this.locked((fd) => this.book(fd, frames, Math.max(0, deadline - performance.now())));
      if (wait !== undefined) {
        if (wait > 0) waitForInput([], wait);
        return true;
      }
      const remaining = deadline - performance.now();
      if (remaining <= 0) return false;
      waitForInput([], Math.min(POLL_MILLISECONDS, remaining));
    }
  }

  /**
   * Gives back frames that were not sent, so that the next turn comes earlier. If another router has taken its turn
   * already, that one would not: it would overlap with that router's.
   */
  public giveBack(frames: number): void {
    const own = this.ownNext;
    this.ownNext = undefined;
    if (frames <= 0 || own === undefined) return;
    const deadline = performance.now() + GIVE_BACK_MILLISECONDS;
    const give = (fd: number) => {
      if (readTurn(fd, millisecondsSinceBoot()) === own) writeTurn(fd, own - this.duration(frames));
      return true;
    };
    while (this.locked(give) === undefined && performance.now() < deadline) waitForInput([], POLL_MILLISECONDS);
  }

  private duration(frames: number): number {
    return (frames * 1000) / this.nodeRate;
  }

  /** @returns milliseconds until the turn; nothing if it would come too late */
  private book(fd: number, frames: number, patience: number): number | undefined {
    const now = millisecondsSinceBoot();
    const start = Math.max(readTurn(fd, now), now);
    if (start - now > patience) return undefined;
    this.ownNext = Math.round(start + this.duration(frames));
    writeTurn(fd, this.ownNext);
    return start - now;
  }

  /** Runs the action with the file locked; nothing if another process has locked it. */
  private locked<T>(action: (fd: number) => T): T | undefined {
    const fd = openRunFile(this.file);
    try {
      return tryLockFile(fd) ? action(fd) : undefined;
    } finally {
      // The lock ends with the descriptor.
      closeSync(fd);
    }
  }
}

/** 0 if the file is empty or damaged: then the turn is now. */
function readTurn(fd: number, now: number): number {
  const next = Number(readFileSync(fd, 'utf8').slice(0, TEXT_LENGTH));
  return Number.isFinite(next) && next <= now + FARTHEST_TURN ? next : 0;
}

/** Of a fixed length, because truncating a file takes longer than everything else here. */
function writeTurn(fd: number, next: number): void {
  writeSync(fd, String(Math.round(next)).padStart(TEXT_LENGTH), 0);
}

/** The only clock that processes share and that nothing sets. */
function millisecondsSinceBoot(): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000;
}
