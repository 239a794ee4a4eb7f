import { program } from './program';

export const { network } = program();
