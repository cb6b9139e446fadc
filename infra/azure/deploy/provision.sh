# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# The deployment of the Bicep template: its parameters, the deployment itself, its outputs.

# provision STEP IMAGE. The deployment has a fixed name: Azure then refuses a second one at the same time, and its
# record tells the next run what was asked for.
provision() {
  begin_step "$1"
  note 'Some minutes; the first time up to ten ...'
  template_parameters "$2"
  changed=yes
  run_while_heals 'The deployment' "$heals_deployment|$heals_anywhere" \
    azure deployment sub create "${deployment_arguments[@]}" --query properties.outputs --output json
  rm "$work/secret.json"
  read_outputs
  group=$(output AZURE_RESOURCE_GROUP)
  registry=$(output AZURE_CONTAINER_REGISTRY_NAME)
  registry_host=$(output AZURE_CONTAINER_REGISTRY_ENDPOINT)
}

# Of the answer; where that has none, of the record of the deployment.
read_outputs() {
  cp "$work/answer" "$work/outputs.json"
  if ! try "$ours" "$parts/read-outputs.ts" "$work/outputs.json"; then
    run azure deployment sub show --name "$deployment" --query properties.outputs --output json
    cp "$work/answer" "$work/outputs.json"
    run "$ours" "$parts/read-outputs.ts" "$work/outputs.json"
  fi
  outputs=$answer
}

show_what_if() {
  begin_step 'Ask Azure what would change'
  template_parameters "$current_image"
  run_while_heals 'The question' "$heals_anywhere" azure deployment sub what-if "${deployment_arguments[@]}"
  say "$(redact "$answer")"
  note 'Nothing was changed. The worker image and the function are not part of this.'
}

# The secret travels in a file that only this user can read; everything else may be seen by everyone.
template_parameters() {
  write_secret_parameter
  if [ -z "${models:-}" ]; then read_models; fi
  deployment_arguments=(--name "$deployment" --location "$location" --template-file "$root/infra/azure/main.bicep"
    --parameters "@$work/secret.json" "environmentName=$name" "location=$location" "gpuProfile=$gpu_profile"
    "workerImage=$1" "maxReplicas=$max_replicas" "cooldownSeconds=$cooldown_seconds"
    "pollingIntervalSeconds=$polling_seconds" "models=$models" "monthlyBudget=$monthly_budget"
    "budgetStartDate=$budget_start" "alertEmail=$alert_email"
    ${extra_parameters[@]+"${extra_parameters[@]}"})
}

# A secret that is there is referred to: Azure takes it from the vault, and nobody sees it. The first run makes one.
write_secret_parameter() {
  local parameter
  rm -f "$work/secret.json"
  if [ -n "$webhook_secrets" ]; then
    parameter="{\"value\":\"$webhook_secrets\"}"
  elif [ "$secret_is_there" = yes ]; then
    parameter="{\"reference\":{\"keyVault\":{\"id\":\"$vault_id\"},\"secretName\":\"$secret_name\"}}"
  else
    webhook_secrets=whsec_$(head -c 32 /dev/urandom | base64 | tr -d '\n')
    keep_secret "$webhook_secrets"
    parameter="{\"value\":\"$webhook_secrets\"}"
  fi
  local schema='https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#'
  # shellcheck disable=SC2016 # the name of a property, as it is
  (umask 077 && printf '{"$schema":"%s","contentVersion":"1.0.0.0","parameters":{"webhookSecrets":%s}}\n' \
    "$schema" "$parameter" >"$work/secret.json")
}

# The door must name the models as the workers will. Of an image that was not built from these sources the versions are
# not known; without them no result is reused.
read_models() {
  run "$ours" "$root/container-app/src/main.ts" --check
  matches "$answer" '"models":\[([^]]+)\]' || fail "Expected the models as JSON, from main.ts --check, received \"$answer\"."
  models=${BASH_REMATCH[1]//\"/}
  if [ -n "$worker_tag" ] || [ "$skip_image" = yes ]; then
    models=$(printf '%s' "$models" | sed 's/@[^,]*//g')
  fi
}

# output NAME: the template's output of this name.
output() {
  local key value
  while IFS=$'\t' read -r key value; do
    if [ "$key" = "$1" ] && [ -n "$value" ]; then
      printf '%s' "$value"
      return 0
    fi
  done <<<"$outputs"
  fail "Expected the output $1, from infra/azure/main.bicep, received none."
}
