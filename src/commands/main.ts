#!/usr/bin/env node
// The old path of the command line. Existing images and scripts may still start this file.
import '../cli/main';
