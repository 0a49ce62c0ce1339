#!/usr/bin/env bash
# Creates the virtual environment for the tests of the Python package, and prints the path of its python. See --help.
set -euo pipefail
# shellcheck source=scripts/install_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install_common.sh"

usage() {
  cat <<'HELP'
Usage: install_python.sh [--check]

Prints only the path of a python on stdout; progress goes to stderr. This python belongs to a virtual environment with the
packages of python/requirements-run.txt and python/requirements-dev.txt, at their versions and with their hashes (about
150 MB). The environment is created with the Python in the variable PYTHON, else with the python3 on PATH. It needs 3.11 or later.

  --check  prints the path if it is installed, else exits with 1. Changes nothing, and needs no network.

Installs under ${SENTIMATRIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sentimatrix-schema}.
HELP
}

read_check "$@"

package_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../python" && pwd -P)
python=${PYTHON:-python3}

# Prints the name of the environment: the version of Python, and a hash of the requirements.
identify='
import hashlib, pathlib, sys
if sys.version_info < (3, 11):
    sys.exit("python3 is %d.%d" % sys.version_info[:2])
import ensurepip, venv
texts = b"".join(pathlib.Path(name).read_bytes().replace(b"\r\n", b"\n") for name in sys.argv[1:])
print("%d.%d-%s" % (*sys.version_info[:2], hashlib.sha256(texts).hexdigest()[:12]))
'
identity=$("$python" -c "$identify" "$package_dir/requirements-run.txt" "$package_dir/requirements-dev.txt" 2>/dev/null) ||
  fail "there is no $python of version 3.11 or later with the modules venv and ensurepip" \
    'install Python (Debian: apt-get install python3 python3-venv), or set PYTHON to the path of one'
final="$cache_dir/python-$identity"

if [ -x "$final/bin/python" ]; then
  echo "$final/bin/python"
  exit 0
fi
[ -z "$check" ] || exit 1

take_lock python
if [ ! -x "$final/bin/python" ]; then # otherwise, another process created it while this one waited
  begin_work "python-$identity"
  "$python" -m venv "$work_dir" >&2 || fail 'python cannot create a virtual environment; its message is above'
  run 'installing the requirements of the Python package' "$work_dir/bin/python" -m pip install --disable-pip-version-check \
    --no-input --require-hashes --only-binary :all: \
    -r "$package_dir/requirements-run.txt" -r "$package_dir/requirements-dev.txt" ||
    fail 'pip cannot install the requirements; its message is above'
  publish "$final"
fi
echo "$final/bin/python"
