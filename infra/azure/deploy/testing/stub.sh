#!/usr/bin/env bash
# Stands in for az, docker, npm, node and azd, by the name that it is called by. Remembers in files under $STUB_STATE what was
# made, writes each call down, and fails on demand:
#   STUB_FAIL        beginning of the calls that fail, such as "az acr build"; several with | between
#   STUB_FAIL_SKIP   calls of it that go well first (0)
#   STUB_FAIL_TIMES  how often (always)
#   STUB_FAIL_TEXT   its stderr; several with | between are taken in turn
#   STUB_INTERRUPTS  beginning of a call that sends a signal to the script (STUB_SIGNAL, TERM), and goes on for a while
#   STUB_FAIL_AFTER  yes: what it does is done all the same, as when only the answer is lost
set -eu
state=$STUB_STATE
call="${0##*/} $*"
{
  printf '%s' "${0##*/}"
  for word in "$@"; do printf '\037%s' "$word"; done
  printf '\n'
} >>"$state/calls"

has() { [ -e "$state/$1" ]; }
complain() {
  printf 'ERROR: %s\n' "$1" >&2
  exit "${2:-1}"
}
# word NAME: what follows --NAME.
word() {
  local before=''
  for here in "${words[@]}"; do
    if [ "$before" = "--$1" ]; then printf '%s' "$here"; return; fi
    before=$here
  done
}
# parameter NAME: the value of NAME=value.
parameter() {
  for here in "${words[@]}"; do case $here in "$1="*) printf '%s' "${here#*=}" ;; esac; done
}
words=("$@")

count() {
  local n=0
  if has "$1"; then read -r n <"$state/$1"; fi
  printf '%s\n' $((n + 1)) >"$state/$1"
  matched=$n
}

if [ -n "${STUB_INTERRUPTS:-}" ]; then
  case $call in
    "$STUB_INTERRUPTS"*)
      kill "-${STUB_SIGNAL:-TERM}" "$PPID"
      sleep 3
      : >"$state/outlived" ;;
  esac
fi

fails=no
if [ -n "${STUB_FAIL:-}" ]; then
  IFS='|' read -r -a failing <<<"$STUB_FAIL"
  for beginning in "${failing[@]}"; do
    case $call in "$beginning"*) ;; *) continue ;; esac
    count matched
    first=${STUB_FAIL_SKIP:-0}
    if [ "$matched" -ge "$first" ] && [ "$matched" -lt $((first + ${STUB_FAIL_TIMES:-1000})) ]; then fails=yes; fi
    IFS='|' read -r -a texts <<<"${STUB_FAIL_TEXT:-planned failure}"
    text=${texts[matched % ${#texts[@]}]}
  done
fi
if [ "$fails" = yes ] && [ "${STUB_FAIL_AFTER:-no}" = no ]; then
  # A deployment that fails has made a part of it.
  case $call in "az deployment sub create"*) : >"$state/group"; : >"$state/registry"; : >"$state/vault" ;; esac
  complain "$text"
fi

deploy() {
  local image secret_file
  image=$(parameter workerImage)
  for here in "${words[@]}"; do case $here in @*) secret_file=${here#@} ;; esac; done
  : >"$state/group"; : >"$state/registry"; : >"$state/vault"
  parameter location >"$state/location"
  : >"$state/record"
  printf '%sT00:00:00Z' "$(parameter budgetStartDate)" >"$state/budget-start"
  case $(cat "$secret_file") in
    *'"reference"'*) has secret || complain 'KeyVaultParameterReferenceSecretNotFound' ;;
    *) cp "$secret_file" "$state/secret" ;;
  esac
  if [ -n "$image" ] && ! grep -qx -- "${image##*:}" "$state/images"; then complain "unable to pull $image"; fi
  printf '%s' "$image" >"$state/worker-image"
  if [ "${STUB_TELLS_OUTPUTS_LATER:-no}" = no ]; then print_outputs; fi
}

print_outputs() {
  printf '{"azurE_RESOURCE_GROUP":{"type":"String","value":"rg-impasto-test"},'
  printf '"azurE_CONTAINER_REGISTRY_NAME":{"type":"String","value":"crtest"},'
  printf '"AZURE_CONTAINER_REGISTRY_ENDPOINT":{"type":"String","value":"crtest.azurecr.io"},'
  printf '"AZURE_FUNCTION_APP_NAME":{"type":"String","value":"func-test"},'
  printf '"AZURE_FUNCTION_APP_URL":{"type":"String","value":"%s"},' "${STUB_URL:-https://func-test.example}"
  printf '"AZURE_CONTAINER_APPS_ENVIRONMENT_NAME":{"type":"String","value":"cae-test"},'
  printf '"AZURE_KEY_VAULT_NAME":{"type":"String","value":"kv-test"},'
  printf '"AZURE_WORKBOOK_ID":{"type":"String","value":"/subscriptions/s/workbooks/w"}}\n'
}

case $call in
  'az version'*) printf '%s\n' "${STUB_AZ_VERSION:-2.80.0}" ;;
  'az account show --query user.name'*) echo someone@example.com ;;
  'az account show'*) echo 00000000-0000-0000-0000-000000000001 ;;
  'az role assignment list'*) printf 'Reader\nOwner\n' ;;
  'az provider list'*) cat "$state/providers" ;;
  'az provider register'*) word namespace >>"$state/providers"; echo >>"$state/providers" ;;
  'az functionapp list-flexconsumption-locations'*) printf 'eastus\nswedencentral\nwestus3\n' ;;
  'az containerapp env workload-profile list-supported'*)
    printf 'D4\nConsumption\n'
    if [ "$(word location)" != westus ]; then printf 'Consumption-GPU-NC8as-T4\nConsumption-GPU-NC24-A100\n'; fi ;;
  'az containerapp list-usages'*) printf 'ManagedEnvironmentCount\t1\t15\n' ;;
  'az containerapp env list-usages'*) printf 'ManagedEnvironmentConsumptionT4Gpus\t0\t%s\n' "${STUB_GPU_LIMIT:-3}" ;;
  'az group list'*) if has group; then echo rg-impasto-test; fi ;;
  'az group show'*) if has location; then cat "$state/location"; else echo swedencentral; fi ;;
  'az acr list'*) if has registry; then echo crtest; fi ;;
  'az acr show'*) echo crtest.azurecr.io ;;
  'az acr repository show'*)
    image=$(word image)
    grep -qx -- "${image#*:}" "$state/images" || complain "the specified tag does not exist"
    echo sha256:0 ;;
  'az acr build'*)
    has registry || complain 'registry not found'
    image=$(word image)
    echo 'Step 1/9 : FROM node'
    printf '%s\n' "${image#*:}" >>"$state/images" ;;
  'az acr login'*) ;;
  'docker build'*) word tag >"$state/built" ;;
  'docker push'*) built=$(cat "$state/built"); printf '%s\n' "${built##*:}" >>"$state/images" ;;
  'az containerapp list'*) if has worker-image; then cat "$state/worker-image"; else echo None; fi ;;
  'az keyvault list-deleted'*) if has deleted-vault; then printf 'kv-test\tswedencentral\n'; fi ;;
  'az keyvault list'*) if has vault; then echo kv-test; fi ;;
  'az keyvault purge'*) rm "$state/deleted-vault" ;;
  'az resource show'*/budgets/*) if has budget-start; then cat "$state/budget-start"; else complain '(404) Budget not found' 3; fi ;;
  'az resource show'*) if has secret; then echo webhook-secrets; else complain 'SecretNotFound: it was not found' 3; fi ;;
  'az resource list'*) printf 'Microsoft.Storage/storageAccounts\tsttest\n' ;;
  'az deployment sub show'*properties.outputs*) print_outputs ;;
  'az deployment sub what-if'*) echo '+ Microsoft.Storage/storageAccounts/sttest' ;;
  'az deployment sub create'*) deploy ;;
  'az deployment sub delete'*) rm -f "$state/record" ;;
  'az functionapp deployment source config-zip'*)
    [ -s "$(word src)" ] || complain 'no such file'
    : >"$state/function"
    if [ "${STUB_INJECTS:-no}" = yes ]; then : >"$state/injected"; fi ;;
  'az functionapp config appsettings list'*) if has injected; then echo AzureWebJobsStorage; fi ;;
  'az functionapp config appsettings delete'*) rm "$state/injected" ;;
  'az functionapp keys list'*) has function || complain 'BadRequest: host runtime'; echo the-function-key-of-the-stub ;;
  'az group delete'*)
    if has vault; then : >"$state/deleted-vault"; fi
    rm -f "$state"/{group,registry,vault,secret,images,worker-image,function,location,budget-start}
    : >"$state/images" ;;
  'npm run --silent package'*) mkdir -p azure-function/dist; echo zip >azure-function/dist/function.zip ;;
  'node --version') echo v24.0.0 ;;
  node*install.mjs) ;;
  *main.ts' --check') echo '{"models":["impasto-v1@1.0.0"],"executionProviders":["cpu"]}' ;;
  'npm run --silent plan'*) echo '5.20 USD a month (estimate)' ;;
  *) complain "the stub does not know: $call" 64 ;;
esac
if [ "$fails" = yes ]; then complain "$text"; fi
