// Loaded into a process with `node -r`: at its end it writes the CPU time that the process took, in milliseconds.
const { writeFileSync } = require('node:fs');
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(process.env.BENCH_USAGE, String((user + system) / 1000));
});
