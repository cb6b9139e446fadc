# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# Whether the region has what is needed, and whether the subscription may have it.

profile_type() {
  case $gpu_profile in
    t4) say Consumption-GPU-NC8as-T4 ;;
    a100) say Consumption-GPU-NC24-A100 ;;
  esac
}

check_region() {
  begin_step "Look at the region $location"
  local wanted
  wanted=$(profile_type)
  # Azure would refuse the deployment, which is late.
  grep -q "^  '$location'" "$root/infra/azure/main.bicep" ||
    fail "Expected a region that infra/azure/main.bicep allows, for --location, received \"$location\"."
  check_flex_consumption
  if [ -n "$wanted" ] && may_ask Microsoft.App; then
    run_while_heals "Looking for $wanted" "$heals_anywhere" \
      azure containerapp env workload-profile list-supported --location "$location" --query '[].name' --output tsv
    problem_matches "$wanted" || object "Expected the workload profile $wanted in the region, for --gpu $gpu_profile, \
received \"${answer//$newline/, }\". Take another --location (swedencentral and westus3 have T4 and A100), or --cpu-only."
  fi
  check_subscription_quota
}

check_flex_consumption() {
  may_ask Microsoft.Web || return 0
  run_while_heals 'Looking for Flex Consumption' "$heals_anywhere" \
    azure functionapp list-flexconsumption-locations --query '[].name' --output tsv
  if [ -z "$answer" ]; then
    note 'The regions of Flex Consumption could not be read.'
    return
  fi
  # Some answers have the display name: "Sweden Central".
  answer=$(printf '%s' "$answer" | tr -d ' ')
  problem_matches "(^|[^a-z0-9])$location([^a-z0-9]|\$)" || object "Expected Flex Consumption in the region, for the \
function, received a list without $location. az functionapp list-flexconsumption-locations has them all."
}

# A check that says no ends the run, unless the user knows better.
object() {
  if [ "$skip_checks" = yes ]; then note "$1 (--skip-checks: going on.)"; else fail "$1 (--skip-checks goes on all the same.)"; fi
}

# How many environments there may be, and GPUs where Azure tells it for the subscription.
check_subscription_quota() {
  if ! try azure containerapp list-usages --location "$location" \
    --query 'value[].[name.value, currentValue, limit]' --output tsv; then
    note 'The quota of the subscription could not be read.'
    return
  fi
  local what used limit
  while IFS=$'\t' read -r what used limit; do
    is_number "$limit" || continue
    case $what in
      ManagedEnvironmentCount)
        if is_number "$used" && [ "${used%%.*}" -ge "${limit%%.*}" ]; then
          note "$used of $limit Container Apps environments of this region are in use; a new one would be refused."
        fi ;;
      *) check_gpu_limit "$what" "$limit" ;;
    esac
  done <<<"$answer"
}

# The quota of the environment can only be read once there is one; that is still before the image is built.
check_gpu_quota() {
  if [ "$gpu_profile" = cpu ]; then return; fi
  if ! try azure containerapp env list-usages --name "$(output AZURE_CONTAINER_APPS_ENVIRONMENT_NAME)" \
    --resource-group "$group" --query 'value[].[name.value, currentValue, limit]' --output tsv; then
    note 'The GPU quota of the environment could not be read.'
    return
  fi
  local what used limit
  while IFS=$'\t' read -r what used limit; do check_gpu_limit "$what" "$limit"; done <<<"$answer"
}

check_gpu_limit() {
  case $gpu_profile:$1 in
    t4:*ConsumptionT4Gpus | a100:*ConsumptionNCA100Gpus) ;;
    *) return 0 ;;
  esac
  is_number "$2" || return 0
  if [ "${2%%.*}" -eq 0 ]; then
    object "Expected a quota of at least 1 for $1, for --gpu $gpu_profile, received 0. Ask for it in the portal (Quotas, \
Azure Container Apps), or go on without a GPU: --cpu-only."
  elif [ "${2%%.*}" -lt "$max_replicas" ]; then
    note "$1 allows ${2%%.*} GPUs, fewer than --max-replicas $max_replicas."
  fi
}

is_number() {
  matches "$1" '^[0-9]+(\.[0-9]+)?$'
}
