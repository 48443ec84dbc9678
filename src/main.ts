import { Command } from 'commander';

const program = new Command('greenlight')
  .description('Takes database changes live: clone, migrate, simulate, compare, swap.')
  .version('0.1.0');

await program.parseAsync();
