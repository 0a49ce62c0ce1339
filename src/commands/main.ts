#!/usr/bin/env node
// The old path of the command line. Images and scripts may still start it here.
import '../cli/main';
