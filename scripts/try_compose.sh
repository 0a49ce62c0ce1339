#!/usr/bin/env bash
# Brings docker/docker-compose.yml up for real, on volumes of its own, and looks whether it does what docs/docker.md says.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/install_common.sh 2>/dev/null || true
