#!/bin/sh
# Runs all checks and tests on a bare Debian 13, in a root of its own beside this system (needs root and mmdebstrap).
#   sh devtools/debian13.sh [PYTEST_ARGS]            `make test PYTEST_ARGS=...` in a fresh copy of the bare root
#   sh devtools/debian13.sh --again [PYTEST_ARGS]    goes on in the root of the last time, with its packages
#   sh devtools/debian13.sh --run COMMAND            another command in the checkout; also after --again
# The checkout is copied as it lies here, with what is not committed and without what git ignores. Everything is kept in
# ${XDG_CACHE_HOME:-~/.cache}/infoserv-eschool/debian13 (about 4 GB after a run). The network is this machine's. Mounts
# and processes live in namespaces of their own, which the kernel takes down however this ends.
# DEBIAN_MIRROR: where packages come from instead of http://deb.debian.org/debian.
# Exit status: the command's; 1 with one sentence when it cannot be run; 2 when this is called wrongly.
set -eu
umask 022
cache=${XDG_CACHE_HOME:-$HOME/.cache}/infoserv-eschool/debian13
bare=$cache/bare
system=$cache/system
inside=/srv/infoserv-eschool
renewed_after=30 # days

fail() {
    echo "debian13.sh: $*" >&2
    exit 1
}

make_bare() { # only what a Debian has from its installer, and what the README asks for
    if [ -d "$bare" ] && [ -z "$(find "$cache/bare.made" -mtime "+$renewed_after" 2>&1)" ]; then return 0; fi
    mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
    security=${DEBIAN_MIRROR:-http://deb.debian.org/debian}-security
    echo "Debian 13: making a bare root from $mirror ..."
    rm -rf --one-file-system "$bare.new" "$bare"
    # How this machine's apt reaches a mirror, it does there too.
    apt-config dump 2>/dev/null | grep -E '^Acquire::(https?::|Retries|ForceIPv|Check-)' >"$cache/apt.conf" || :
    mmdebstrap --quiet --variant=important --include=ca-certificates,git,make,python3,python3-venv \
        --aptopt="$cache/apt.conf" trixie "$bare.new" "deb $mirror trixie main" "deb $mirror trixie-updates main" \
        "deb $security trixie-security main" || fail "mmdebstrap could not make a root: see above."
    mv "$bare.new" "$bare"
    touch "$cache/bare.made"
}

take_over_network() { # how this machine reaches its registries: names, certificates, pip's and npm's configuration
    cp --dereference /etc/resolv.conf /etc/hosts "$system/etc/"
    for name in /etc/pip.conf "$HOME/.pip/pip.conf" "$HOME/.config/pip/pip.conf" /etc/npmrc "$HOME/.npmrc"; do
        if [ ! -e "$name" ]; then continue; fi
        case $name in "$HOME"/*) target=$system/root/${name#"$HOME"/} ;; *) target=$system$name ;; esac
        mkdir -p "${target%/*}"
        cp --dereference "$name" "$target"
    done
    for name in /usr/local/share/ca-certificates/*.crt; do
        if [ -e "$name" ]; then cp --dereference "$name" "$system/usr/local/share/ca-certificates/"; fi
    done
    chroot "$system" update-ca-certificates >/dev/null 2>&1 || fail "the certificates of this machine do not fit there."
}

copy_checkout() {
    here=$(git rev-parse --show-toplevel) || fail "this is not a git checkout."
    mkdir -p "$system$inside"
    find "$system$inside" -mindepth 1 -maxdepth 1 ! -name .venv ! -name .cache -exec rm -rf {} +
    cp "$(git rev-parse --git-path index)" "$cache/index"
    GIT_INDEX_FILE=$cache/index git -C "$here" add --all
    tree=$(GIT_INDEX_FILE=$cache/index git -C "$here" write-tree)
    git -C "$here" archive "$tree" | tar -x -C "$system$inside"
    # Some tests ask git which files there are.
    git -c init.defaultBranch=main -C "$system$inside" init --quiet
    git -C "$system$inside" add --all
}

mount_all() {
    mount -t proc proc "$system/proc"
    mount --rbind /sys "$system/sys"
    mount --rbind /dev "$system/dev"
    mount -t tmpfs -o mode=1777 tmpfs "$system/dev/shm"
    mount -t tmpfs -o mode=755 tmpfs "$system/run"
    # What was downloaded once is not downloaded again.
    for pair in apt:/var/cache/apt/archives pip:/root/.cache/pip npm:/root/.npm; do
        mkdir -p "$cache/${pair%%:*}" "$system${pair#*:}"
        mount --bind "$cache/${pair%%:*}" "$system${pair#*:}"
    done
    # Folders of packages that pip's configuration names.
    { env | grep '^PIP_' || :; cat "$system/etc/pip.conf" "$system"/root/.pip/pip.conf "$system"/root/.config/pip/pip.conf; } \
        2>/dev/null | grep -oE '(^|[ =]|file://)/[^ ,/]+/[^ ,/]+' | sed "s|^[^/]*//*|/|" | sort -u |
        while read -r folder; do
            if [ ! -d "$folder" ] || [ -e "$system$folder" ]; then continue; fi
            mkdir -p "$system$folder"
            mount --bind -o ro "$folder" "$system$folder"
        done
}

run_inside() { # run_inside COMMAND, with nothing of this environment but how registries are reached
    command=$1
    set -- HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    for name in $(env | sed -nE 's/^(PIP_\w+|\w+_(proxy|PROXY)|\w+_CA_(BUNDLE|CERTS)|SSL_CERT_\w+|npm_config_\w+)=.*/\1/p'); do
        set -- "$@" "$name=$(printenv "$name")"
    done
    echo "Debian 13: $command ..."
    env -i "$@" chroot "$system" sh -c "cd $inside && $command"
}

if [ "${1:-}" = --in-namespaces ]; then
    trap 'exit 130' INT TERM
    mount_all
    run_inside "$2"
    exit
fi

again=
command=
while :; do
    case ${1:-} in
    --again) again=yes ;;
    --run)
        command=${2:-}
        if [ -z "$command" ]; then break; fi
        shift
        ;;
    *) break ;;
    esac
    shift
done
if [ $# -gt 1 ] || { [ $# -eq 1 ] && [ -n "$command" ]; }; then
    echo "usage: sh devtools/debian13.sh [--again] [--run COMMAND | PYTEST_ARGS]" >&2
    exit 2
fi
if [ -z "$command" ]; then command="make test PYTEST_ARGS='$(printf %s "${1:-}" | sed "s/'/'\\\\''/g")'"; fi
[ "$(id -u)" -eq 0 ] || fail "root is needed to enter another root: run this with sudo."
command -v mmdebstrap >/dev/null 2>&1 || fail "mmdebstrap is missing: run apt-get install mmdebstrap."
mkdir -p "$cache"
chmod 700 "$cache" # configurations that were copied may hold passwords
exec 9>"$cache/lock"
flock --nonblock 9 || fail "another run uses $cache: wait for it."
make_bare
if [ -z "$again" ] || [ ! -d "$system" ]; then
    rm -rf --one-file-system "$system"
    cp --archive --reflink=auto "$bare" "$system"
fi
take_over_network
copy_checkout
# unshare itself heeds no signal but KILL; it gets that when this shell ends.
setpriv --pdeathsig KILL \
    unshare --mount --propagation private --pid --fork --kill-child sh "$0" --in-namespaces "$command"
