import { EBADF, EFAULT } from '../ffi/errno';

/** Errors of the kernel that a correct program does not cause. */
const DEFECTS: readonly unknown[] = [EBADF, EFAULT];

/**
 * The message of an error with which the system refused a call, such as EMFILE or ENOMEM: it passes, and the process
 * goes on. Nothing for a defect of the program.
 */
export function systemFailure(error: unknown): string | undefined {
  const { errno, code, message } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  if (DEFECTS.includes(Math.abs(errno ?? 0))) return undefined;
  const isOfSystem = typeof errno === 'number' || (typeof code === 'string' && /^E[A-Z\d]+$/.test(code));
  return isOfSystem ? message : undefined;
}
