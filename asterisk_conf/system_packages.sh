#!/bin/sh
# Installs the system's packages a part of the product needs, and only those that are missing.
#   sh asterisk_conf/system_packages.sh base   Python's virtual environments
#   sh asterisk_conf/system_packages.sh run    speech, sound and, where no Asterisk 20 is at hand, what unpacks one
#   sh asterisk_conf/system_packages.sh test   telephones, SMSCs, a mail server, a proxy and a database server for the tests
#   sh asterisk_conf/system_packages.sh bench  the gateway that ours is measured against
# Debian 12 and newer, Ubuntu 24.04 and newer. Exit status 1 with one sentence when it cannot.
set -eu
PATH=$PATH:/usr/sbin:/usr/local/sbin
missing=

fail() {
    echo "system_packages.sh: $*" >&2
    exit 1
}

need() { # need PACKAGE COMMAND: the package brings the command
    command -v "$2" >/dev/null 2>&1 || missing="$missing $1"
}

need_file() { # need_file PACKAGE PATH...: the package brings one of the paths
    package=$1
    shift
    for path in "$@"; do
        if [ -e "$path" ]; then return 0; fi
    done
    missing="$missing $package"
}

asterisk_at_hand() { # 20 or newer: installed, unpacked in the cache, or to be had from the distribution
    cache=${ESCHOOL_CACHE:-${HOME:-/root}/.cache/eschool}
    for loader in "$cache"/asterisk-*/usr/lib/*/ld-linux*; do
        if [ -e "$loader" ]; then return 0; fi
    done
    if command -v asterisk >/dev/null 2>&1; then
        major=$(asterisk -V 2>/dev/null | sed -n 's/^Asterisk \([0-9]*\).*/\1/p')
    else
        major=$(LC_ALL=C apt-cache policy asterisk 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*:\)\{0,1\}\([0-9]*\)\..*/\2/p')
    fi
    [ "${major:-0}" -ge 20 ]
}

case ${1:-} in
base)
    need python3 python3
    need_file ca-certificates /etc/ssl/certs/ca-certificates.crt
    if command -v python3 >/dev/null 2>&1; then
        python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
            fail "Python 3.11 or newer is needed, and python3 is older: use Debian 12, Ubuntu 24.04 or newer."
        python3 -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"
    else
        missing="$missing python3-venv"
    fi
    ;;
run)
    need espeak-ng espeak-ng
    need ffmpeg ffmpeg
    need_file fonts-dejavu-core /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
    if ! command -v mmdebstrap >/dev/null 2>&1 && ! asterisk_at_hand; then
        missing="$missing mmdebstrap"
        need_file debian-archive-keyring /usr/share/keyrings/debian-archive-keyring.gpg
    fi
    ;;
test)
    need baresip-core baresip
    need sip-tester sipp
    need sox sox
    need nodejs node
    need npm npm
    command -v chromium-browser >/dev/null 2>&1 || need chromium chromium
    need exim4-daemon-light exim4
    need nginx-light nginx
    need faketime faketime
    need_file kannel-extras /usr/lib/kannel/test/drive_smpp
    need_file postgresql /usr/lib/postgresql/*/bin/postgres
    need_file pgbouncer /usr/sbin/pgbouncer
    need prometheus promtool
    need prometheus prometheus
    ;;
bench)
    need kannel bearerbox
    ;;
*)
    echo "usage: sh asterisk_conf/system_packages.sh base|run|test|bench" >&2
    exit 2
    ;;
esac

missing=${missing# }
if [ -z "$missing" ]; then exit 0; fi
command -v apt-get >/dev/null 2>&1 || fail "there is no apt here: install $missing yourself."
if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
else
    fail "root is needed once, and there is no sudo: as root run: apt-get install $missing"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 ||
        fail "apt-get $1 failed ($(grep -E '^(E|W):' "$log" | head -n 1)): repair apt, then run this again."
}

echo "System packages: $missing ..."
apt update
case " $missing " in
*" postgresql "*)
    # The tests start a server of their own; none is to be left running on this machine.
    apt install -y --no-install-recommends postgresql-common
    no_cluster=/etc/postgresql-common/createcluster.d/eschool-tests.conf
    $as_root mkdir -p "${no_cluster%/*}"
    echo "create_main_cluster = false" | $as_root tee "$no_cluster" >/dev/null
    ;;
esac
# shellcheck disable=SC2086  # a list of packages
apt install -y --no-install-recommends $missing
if [ -n "${no_cluster:-}" ]; then $as_root rm -f "$no_cluster"; fi
