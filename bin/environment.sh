# Sourced by bin/tenure and bin/test: makes .venv from the locked requirements, once per change of them. Talks on stderr only.

say() { printf '%s\n' "tenure: $*" >&2; }

stop() {
    say "$1"
    shift
    for line in "$@"; do printf '  %s\n' "$line" >&2; done
    exit 1
}

# The command that makes us root, where that needs no question: nothing, or sudo. Fails where we cannot be.
root_prefix() {
    if [ "$(id -u)" = 0 ]; then
        return 0
    fi
    command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null && echo "sudo -n"
}

# Installs Debian packages; fails where that cannot be done without asking.
install_packages() {
    command -v apt-get >/dev/null 2>&1 || return 1
    prefix=$(root_prefix) || return 1
    say "installing $* (apt)"
    # shellcheck disable=SC2086  # the prefix is a command and its option, or nothing
    $prefix env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1 ||
        { $prefix apt-get update -qq </dev/null >/dev/null 2>&1 &&
            $prefix env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1; }
}

# Prints the first Python that is new enough.
find_python() {
    for name in ${TENURE_PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

# Makes .venv where there is none that works.
make_venv() {
    if "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        return 0
    fi
    python=$(find_python) || stop "needs Python 3.11 or newer; found $("${TENURE_PYTHON:-python3}" --version 2>/dev/null || echo none)" \
        "Debian 12 or newer, Ubuntu 24.04 or newer: apt install python3 python3-venv" \
        "another Python: TENURE_PYTHON=/path/to/python3.12 $0"
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        install_packages "$package" || install_packages python3-venv ||
            stop "Python's venv module is not installed, and this user may not install it" "apt install $package"
    fi
    say "making $venv with $("$python" --version 2>&1)"
    "$python" -m venv --clear "$venv" >&2 || stop "$venv: Python could not make a virtual environment there" "look at the lines above"
}

# Installs the given lock files and this checkout, unless the stamp says that they are there.
#   set_up NAME FILE...
set_up() {
    name=$1
    shift
    stamp=$venv/tenure-$name.stamp
    wanted=$(cd "$root" && { pwd; cat pyproject.toml "$@"; } | cksum)
    if [ -x "$venv/bin/tenure" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    make_venv
    say "installing the locked requirements (once)"
    set -- $(printf -- '--requirement %s ' "$@")
    (
        cd "$root"
        export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
        "$venv/bin/python" -m pip install --quiet --require-hashes --only-binary :all: "$@" >&2 &&
            "$venv/bin/python" -m pip install --quiet --no-deps --no-index --no-build-isolation --editable . >&2
    ) || stop "the requirements could not be installed" "is a package index in reach? pip's own words are above; running this again goes on from here"
    echo "$wanted" >"$stamp"
}

# Installs the locked Claude Code that some tests run, beside the virtual environment. Without npm, or without a registry, those tests are skipped.
set_up_claude_code() {
    place=$venv/claude-code
    wanted=$(cat "$root"/requirements/claude-code/package*.json | cksum)
    [ "$(cat "$place/stamp" 2>/dev/null)" = "$wanted" ] && return 0
    if ! command -v npm >/dev/null 2>&1; then
        say "npm is missing; the tests with the real Claude Code are skipped"
        return 0
    fi
    rm -rf "$place"
    mkdir -p "$place"
    cp "$root"/requirements/claude-code/package*.json "$place"
    if (cd "$place" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >&2); then
        echo "$wanted" >"$place/stamp"
    else
        say "the real Claude Code could not be installed; the tests with it are skipped"
    fi
}

root=$(cd "$(dirname "$0")/.." && pwd)
venv=$root/.venv
