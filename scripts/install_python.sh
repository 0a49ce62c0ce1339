#!/usr/bin/env bash
# Makes the virtual environment that the Python package is tested in and prints the path of its python. See --help.
set -euo pipefail
# shellcheck source=scripts/install_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install_common.sh"

usage() {
  cat <<'HELP'
Usage: install_python.sh [--check]

Prints the path of a python (only that) on stdout; progress goes to stderr. It is that of a virtual environment which holds
what python/requirements-run.txt and python/requirements-dev.txt name, at their versions and with their hashes (about 150 MB).
It is made with PYTHON, else with the python3 on PATH, which has to be 3.11 or later.

  --check  prints the path when it is there, else exits 1; touches nothing and needs no network.

Installs under ${SENTIMATRIX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sentimatrix-schema}.
HELP
}

read_check "$@"

package_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../python" && pwd -P)
python=${PYTHON:-python3}

# Prints what names the environment: the version of Python, and what is installed.
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
    'install Python (Debian: apt-get install python3 python3-venv), or name one in PYTHON'
final="$cache_dir/python-$identity"

if [ -x "$final/bin/python" ]; then
  echo "$final/bin/python"
  exit 0
fi
[ -z "$check" ] || exit 1

take_lock python
if [ ! -x "$final/bin/python" ]; then # else another process made it while this one waited
  begin_work "python-$identity"
  "$python" -m venv "$work_dir" >&2 || fail 'python cannot make a virtual environment; its message is above'
  run 'installing what the Python package needs' "$work_dir/bin/python" -m pip install --disable-pip-version-check \
    --no-input --require-hashes --only-binary :all: \
    -r "$package_dir/requirements-run.txt" -r "$package_dir/requirements-dev.txt" ||
    fail 'pip cannot install them; its message is above'
  publish "$final"
fi
echo "$final/bin/python"
