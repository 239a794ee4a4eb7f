/**
 * The executable of this process: independent of the name of its call, and the same when the file that it was started
 * from has been replaced.
 */
export const OWN_EXECUTABLE = '/proc/self/exe';
