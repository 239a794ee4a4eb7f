import { closeSync, constants, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DEFAULT_OPTIONS } from '../../src/domain/router/router-options';
import { tryLockFile, waitForInput } from '../ffi/libc';

/** When the next router of this node may send ARP frames. Like attachments, it does not survive a reboot. */
export const ARP_PACE_FILE = '/run/egress-router/arp-pace';

/** Milliseconds that ADD waits for its turn at most: kubelet gives a pod's network two minutes. */
const PATIENCE_MILLISECONDS = 60_000;

/** Milliseconds that ADD waits for the lock, which is held for microseconds. */
const LOCK_MILLISECONDS = 500;
const LOCK_POLL_MILLISECONDS = 5;

/** Digits of a turn in the file. */
const TEXT_LENGTH = 16;

/** When a router may send its frames, and when the next one may. Milliseconds since the node's boot. */
interface Turn {
  readonly start: number;
  readonly next: number;
}

/**
 * Spaces the ARP frames of all routers that start on one node: access switches shut a port that gets more than 15 ARP
 * frames a second (Cisco's default). Each ADD is a process of its own, so the turns are in a file: each ADD takes the
 * time that its frames need, and moves the next turn behind it. The file is locked for the moment of taking a turn, not
 * while frames are sent, so a process that is killed or stopped does not delay the others.
 *
 * ADD never fails or hangs because of the pace: without the lock, a writable file or a turn within a minute it goes on,
 * and logs that.
 */
export class ArpPace {
  /** The next router's turn, as the file has it until that one is taken. */
  private ownNext: number | undefined;

  public constructor(
    private readonly framesPerSecond: number,
    private readonly log: { error(message: string): void },
    private readonly file = ARP_PACE_FILE,
  ) {}

  /** Milliseconds between the frames of this router: 0 at a pace that allows its frames in one burst. */
  public get spacing(): number {
    return this.framesPerSecond < DEFAULT_OPTIONS.arpFramesPerSecond ? this.duration(1) : 0;
  }

  /** Waits for the turn of so many frames. */
  public take(frames: number): void {
    if (frames <= 0) return;
    const wait = this.move((next, now) => {
      const start = Math.max(next, now);
      this.ownNext = Math.round(start + this.duration(frames));
      return { start, next: this.ownNext };
    });
    if (wait > 0) waitForInput([], wait);
  }

  /**
   * Gives back frames that were not sent, so that the next turn comes earlier. If another router has taken its turn
   * already, that one would not: it would overlap with that router's.
   */
  public giveBack(frames: number): void {
    const own = this.ownNext;
    this.ownNext = undefined;
    if (frames <= 0 || own === undefined) return;
    this.move((next, now) => ({ start: now, next: next === own ? next - this.duration(frames) : next }));
  }

  private duration(frames: number): number {
    return (frames * 1000) / this.framesPerSecond;
  }

  /** @returns milliseconds until the turn; 0 for a turn that is now */
  private move(step: (next: number, now: number) => Turn): number {
    try {
      return this.moveLocked(step);
    } catch (error) {
      this.log.error(`sending ARP frames without a pace: ${(error as Error).message}`);
      return 0;
    }
  }

  private moveLocked(step: (next: number, now: number) => Turn): number {
    const fd = openPace(this.file);
    try {
      awaitLock(fd, this.file);
      const now = millisecondsSinceBoot();
      const { start, next } = step(readTurn(fd), now);
      if (start - now > PATIENCE_MILLISECONDS) {
        throw new Error(`the turn would come in ${Math.ceil((start - now) / 1000)} s (${this.file})`);
      }
      writeTurn(fd, next);
      return start - now;
    } finally {
      closeSync(fd);
    }
  }
}

function openPace(file: string): number {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
  try {
    return openSync(file, flags, 0o600);
  } catch {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    return openSync(file, flags, 0o600);
  }
}

/** The lock ends with the descriptor. */
function awaitLock(fd: number, file: string): void {
  const deadline = performance.now() + LOCK_MILLISECONDS;
  while (!tryLockFile(fd)) {
    if (performance.now() > deadline) throw new Error(`${file} is locked by another process`);
    waitForInput([], LOCK_POLL_MILLISECONDS);
  }
}

/** 0 if the file is empty or damaged: then the turn is now. */
function readTurn(fd: number): number {
  const next = Number(readFileSync(fd, 'utf8').slice(0, TEXT_LENGTH));
  return Number.isFinite(next) ? next : 0;
}

/** Of a fixed length, because truncating a file takes longer than everything else here. */
function writeTurn(fd: number, next: number): void {
  writeSync(fd, String(Math.round(next)).padStart(TEXT_LENGTH), 0);
}

/** The only clock that processes share and that nothing sets. */
function millisecondsSinceBoot(): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000;
}
