import { wholeRelease } from './support/whole-release.ts';

wholeRelease(18);
