#!/usr/bin/env bash
# Installs what is missing for `make run`, `make office`, `make test`, `make up` or `make bench`: Debian's packages by apt,
# for the tests Python packages, and for the benchmark npm packages. Says what it does; does nothing when all is there.
set -euo pipefail

goal=${1:?usage: deploy/install.sh run|office|test|bench}
missing=()

has() { command -v "$1" >/dev/null 2>&1; }
installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

need_package() { installed "$1" || missing+=("$1"); }
need_command() { has "$1" || missing+=("$2"); }

# The C compiler builds SQLite, ring and the WebP encoder, which crates bring as source.
need_command cc gcc
need_command make make
if ! has chromium-headless-shell && ! has chromium; then
    missing+=(chromium-headless-shell)
fi
# Strangers' PDFs are made plain with it before they are merged.
need_command qpdf qpdf
need_package fonts-liberation
need_package fonts-noto-core
need_package fonts-noto-cjk
need_package fonts-noto-color-emoji
need_package fonts-inter
# Families that the Iteration Layer dialect knows (docs/iterationlayer.md). None of them takes the place of another
# in pages; DejaVu is there since without it `monospace` would be one of them.
need_package fonts-bebas-neue
need_package fonts-cabin
need_package fonts-dancingscript
need_package fonts-dejavu-core
need_package fonts-dosis
need_package fonts-ebgaramond
need_package fonts-inconsolata
need_package fonts-karla
need_package fonts-lato
need_package fonts-manrope
need_package fonts-open-sans
need_package fonts-paratype
need_package fonts-quicksand
need_package fonts-roboto-slab
need_package fonts-roboto-unhinted

if [[ $goal == office || $goal == test ]]; then
    # By what lies there, since a desktop has it as packages of other names.
    [[ -e /usr/lib/libreoffice/program/libswlo.so ]] || missing+=(libreoffice-writer-nogui)
    [[ -e /usr/lib/libreoffice/program/libsdlo.so ]] || missing+=(libreoffice-draw-nogui)
    need_command qpdf qpdf
fi
if [[ $goal == office ]]; then
    # As wide as Calibri and Cambria, which most documents name.
    need_package fonts-crosextra-caladea
    need_package fonts-crosextra-carlito
fi
if [[ $goal == test || $goal == bench ]]; then
    need_command pdftotext poppler-utils
fi
if [[ $goal == test || $goal == bench ]]; then
    # A server of its own is started by the tests; Debian's cluster is neither needed nor touched.
    [[ -x /usr/lib/postgresql/15/bin/initdb ]] || missing+=(postgresql-15)
    # The same goes for RabbitMQ.
    [[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]] || missing+=(rabbitmq-server)
    need_command curl curl
    need_command runuser util-linux
fi
if [[ $goal == test ]]; then
    # The receivers' code of docs/webhooks.md is run with stock libraries.
    need_package python3-venv
    need_command openssl openssl
    # Its promtool reads metrics and alert rules; the server itself is not used.
    need_command promtool prometheus
fi
if [[ $goal == bench ]]; then
    need_command npm npm
fi

if ((${#missing[@]})); then
    echo "platen: installing with apt: ${missing[*]}"
    as_root=()
    if ((EUID != 0)); then
        has sudo || { echo "platen: run this as root once, or install: ${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! has cargo; then
    echo "platen: Rust is missing; install the toolchain named in rust-toolchain.toml with rustup" >&2
    exit 1
fi

# All in one command: npm takes away what the last one did not name.
if [[ $goal == bench && ! ( -d tests/node_modules/puppeteer-core && -d tests/node_modules/satori ) ]]; then
    npm_packages='puppeteer-core@24 satori@0.63.2 @resvg/resvg-js@2.6.2 qrcode@1.5.4 standardwebhooks@1.1.1'
    echo "platen: installing the npm packages $npm_packages into tests/node_modules"
    # shellcheck disable=SC2086  # words
    npm install --prefix tests --no-audit --no-fund --silent --no-save $npm_packages
fi

# The receivers' library of docs/webhooks.md, the official client of the second dialect, and what sends anything that /openapi.json describes.
python_packages='standardwebhooks==1.1.0 iterationlayer==2.0.5 schemathesis==4.32.5'
if [[ $goal == test && $(cat tests/.venv/installed 2>/dev/null) != "$python_packages" ]]; then
    echo "platen: installing the Python packages $python_packages into tests/.venv"
    python3 -m venv tests/.venv
    # shellcheck disable=SC2086  # words
    tests/.venv/bin/pip install --quiet --disable-pip-version-check $python_packages
    echo "$python_packages" >tests/.venv/installed
fi

# Node is not worth its installation for one snippet; where it is, the snippet is run.
if [[ $goal == test && ! -d tests/node_modules/standardwebhooks ]] && has npm; then
    echo "platen: installing the npm package standardwebhooks into tests/node_modules"
    npm install --prefix tests --no-audit --no-fund --silent --no-save standardwebhooks@1.1.1
fi
