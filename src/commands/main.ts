#!/usr/bin/env node
// Where the command line was before: images and scripts may start it here.
import '../cli/main';
