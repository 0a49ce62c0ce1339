// Loaded into a process with `node -r`. When the process ends, this code writes the CPU time of the process, in milliseconds.
const { writeFileSync } = require('node:fs');
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeFileSync(process.env.BENCH_USAGE, String((user + system) / 1000));
});
