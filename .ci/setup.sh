#!/usr/bin/env bash
# Sets up .venv: pinned dependencies, this package (editable), compiled bytecode; bubblewrap for the sandbox, and
# Chromium for the tests.
# Run it through `make setup`. A second run finds the stamp of the first and stops at once.
#   PYTHON  the interpreter for the virtual environment (default: the first of python3, python3.13, 3.12, 3.11 that fits)
#   EXTRAS  the optional dependencies of pyproject.toml to install (default: labs,dev)
set -euo pipefail
cd "$(dirname "$0")/.."

readonly extras=${EXTRAS:-labs,dev}
readonly stamp=.venv/setup.stamp

say() { printf 'setup: %s\n' "$*"; }
stop() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

# TensorFlow's pinned release has wheels for these versions and no other.
fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }

describe() {
    local candidate version separator=""
    for candidate in "$@"; do
        version=$("$candidate" -V 2>/dev/null) || version="not there"
        printf '%s%s (%s)' "$separator" "$candidate" "$version"
        separator=", "
    done
}

find_python() {
    local candidate candidates=(python3 python3.13 python3.12 python3.11)
    if [[ -n ${PYTHON:-} ]]; then candidates=("$PYTHON"); fi
    for candidate in "${candidates[@]}"; do
        if fits "$candidate"; then
            # with .venv activated, python3 is .venv's own: what it was made from is the one that counts
            "$candidate" -c 'import os, sys; print(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))'
            return
        fi
    done
    stop "expected Python 3.11, 3.12 or 3.13, found: $(describe "${candidates[@]}")." \
        "Install one of them, or name it: make setup PYTHON=/path/to/python3.12"
}

# Prints the command that installs package $1 by this system's package manager; fails where none is known.
install_command() {
    if command -v apt-get >/dev/null; then
        echo "apt-get install -y --no-install-recommends $1"
    elif command -v dnf >/dev/null; then
        echo "dnf install -y $1"
    elif command -v zypper >/dev/null; then
        echo "zypper --non-interactive install $1"
    elif command -v pacman >/dev/null; then
        echo "pacman -S --noconfirm --needed $1"
    elif command -v apk >/dev/null; then
        echo "apk add $1"
    else
        return 1
    fi
}

# Installs package $1 when we are root. Otherwise, or when that fails, says what to run and returns 1.
install_package() {
    local package=$1 command
    if ! command=$(install_command "$package"); then
        say "no known package manager found; install '$package' by hand."
        return 1
    fi
    if ((EUID != 0)); then
        say "'$package' is missing; run: sudo $command"
        return 1
    fi
    say "$command"
    if [[ $command == apt-get* ]]; then
        apt-get update -qq || true # a stale list may still hold the package
    fi
    # Unquoted on purpose: a command and its arguments. The package managers' chatter is only of use when they fail.
    local log
    log=$(DEBIAN_FRONTEND=noninteractive $command 2>&1) || {
        printf '%s\n' "$log" >&2
        say "'$command' failed; install '$package' by hand."
        return 1
    }
}

# Nothing is graded without a sandbox, but everything else works: a missing bubblewrap is said, not fatal.
ensure_bubblewrap() {
    command -v bwrap >/dev/null || install_package bubblewrap ||
        say "until bubblewrap is there, nothing that grades will run ('autograder doctor' says more)."
}

# Tests look at pages in a real browser: who develops needs one, who grades does not.
ensure_browser() {
    [[ ,$extras, == *,dev,* ]] || return 0
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
        install_package chromium || say "until Chromium is there, tests that look at pages are skipped."
}

# Debian and Ubuntu ship venv and pip apart from Python.
ensure_venv_module() {
    local python=$1 version
    "$python" -c 'import ensurepip, venv' 2>/dev/null && return
    version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    install_package "$version-venv" || stop "$python cannot make virtual environments; install its venv module first."
}

fingerprint() {
    # The folder counts because an editable install and the scripts in .venv/bin hold its path.
    { pwd -P && echo "$extras $1" && cat .ci/setup.sh pyproject.toml constraints.txt; } | cksum
}

# Whether .venv was made from interpreter $1 and still stands where it was made (its scripts hold the folder's path).
venv_is_of() {
    local identity='import sys; print(sys.base_prefix, sys.version)'
    [[ -x .venv/bin/python ]] && .venv/bin/pip --version >/dev/null 2>&1 &&
        [[ $(.venv/bin/python -c "$identity") == "$("$1" -c "$identity")" ]]
}

# The sandbox sees Python and .venv read-only, so bytecode missing now is compiled again in every grading process:
# 14 s instead of 6 s for TensorFlow. Sources that no Python 3 compiles (templates, test data) are no fault: -qq.
compile_bytecode() {
    local python=.venv/bin/python standard_library
    say "compiling bytecode"
    "$python" -m compileall -qq -j0 .venv/lib autograder || true
    standard_library=$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
    if [[ -w $standard_library ]]; then
        "$python" -m compileall -qq -j0 -x '/(site-packages|dist-packages|test|tests|idlelib)/' "$standard_library" || true
    fi
    "$python" - <<'PYTHON' || stop "compiled bytecode is missing; is the disk full, or .venv not writable?"
import importlib.util, pathlib, sys

wanted = [name for name in ("json", "numpy", "ipykernel", "keras", "tensorflow") if importlib.util.find_spec(name)]
missing = [name for name in wanted if not pathlib.Path(importlib.util.find_spec(name).cached or "").is_file()]
if "json" in missing:
    print("setup: the standard library has no compiled bytecode and is not ours to write; processes start slower.")
    missing.remove("json")
sys.exit(f"setup: no bytecode for {', '.join(missing)}" if missing else 0)
PYTHON
}

# What an ordinary installation does, and an editable one leaves out: `jupyter server extension enable` knows the review.
make_review_known() {
    local known=.venv/etc/jupyter/jupyter_server_config.d/autograder.review.json
    mkdir -p "${known%/*}"
    [[ -e $known ]] || cp autograder/review/config/autograder.review.json "$known" # there, it may have been switched on
}

main() {
    ensure_bubblewrap
    ensure_browser
    local python
    python=$(find_python)
    if [[ -x .venv/bin/python && -f $stamp && $(<"$stamp") == "$(fingerprint "$python")" ]]; then
        return
    fi
    rm -f "$stamp"
    if ! venv_is_of "$python"; then
        ensure_venv_module "$python"
        say "creating .venv with $("$python" -V)"
        "$python" -m venv --clear .venv
    fi
    say "installing the pinned dependencies (some minutes and about 3 GB the first time)"
    # Compiling is ours to do, on every core: pip would use one.
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
        --constraint constraints.txt --editable ".[$extras]"
    make_review_known
    compile_bytecode
    fingerprint "$python" >"$stamp"
    say "done: .venv is ready"
}

main
