# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# What an earlier run left: the resource group, the registry, the image that runs, the secret, the budget's first month.

# As infra/azure names them.
secret_name=webhook-secrets
budget_name=impasto-monthly

find_deployed() {
  begin_step "Look for what is there of \"$name\""
  registry='' current_image='' vault='' secret_is_there=no
  find_group
  if [ -n "$group" ]; then
    run azure acr list --resource-group "$group" --query '[0].name' --output tsv
    registry=$(value_of "$answer")
    find_current_image
    find_secret
  fi
  find_budget_start
  if [ -z "$group" ]; then note 'Nothing yet.'; else note "Resource group $group, worker image ${current_image:-none yet}."; fi
}

# az prints None for what it did not find.
value_of() {
  case $1 in None | null) ;; *) printf '%s' "$1" ;; esac
}

find_group() {
  group_location=''
  run_while_heals 'Looking for the resource group' "$heals_anywhere" \
    azure group list --tag "azd-env-name=$name" --query '[0].name' --output tsv
  group=$(value_of "$answer")
  if [ -z "$group" ]; then return; fi
  run azure group show --name "$group" --query location --output tsv
  group_location=$(value_of "$answer")
  if [ "$destroy" = yes ] || [ -z "$group_location" ] || [ "$group_location" = "$location" ]; then return; fi
  fail "Expected $group_location, for --location, because \"$name\" is there already, received $location."
}

# The placeholder of a first run does not count: it is not in our registry.
find_current_image() {
  run azure containerapp list --resource-group "$group" \
    --query "[?tags.\"azd-service-name\"=='worker'] | [0].properties.template.containers[0].image" --output tsv
  case $answer in */impasto-worker:*) current_image=$answer ;; esac
}

# Only whether it is there: its value stays in the vault. A vault that cannot be asked stops the run, because
# taking the secret for missing would replace it.
find_secret() {
  run azure keyvault list --resource-group "$group" --query '[0].name' --output tsv
  vault=$(value_of "$answer")
  if [ -z "$vault" ]; then return; fi
  vault_id=/subscriptions/$subscription/resourceGroups/$group/providers/Microsoft.KeyVault/vaults/$vault
  if try azure resource show --ids "$vault_id/secrets/$secret_name" --api-version 2024-11-01 --query name --output tsv; then
    secret_is_there=yes
  else
    problem_matches 'not ?found|could not be found|does not exist' || give_up
  fi
}

# A budget keeps the first month that it was made with, and Azure refuses another one; a new budget must not begin in the
# past. So the budget itself is asked, not the record of a deployment, which may be older or have failed.
find_budget_start() {
  deployment=impasto-$name-$location
  budget_start=$(date -u +%Y-%m-01)
  if [ -z "$group" ] || [ "$monthly_budget" = 0 ]; then return; fi
  local budget_id=/subscriptions/$subscription/resourceGroups/$group/providers/Microsoft.Consumption/budgets/$budget_name
  if try azure resource show --ids "$budget_id" --api-version 2024-08-01 \
    --query properties.timePeriod.startDate --output tsv; then
    if matches "$answer" '^[0-9]{4}-[0-9]{2}-01'; then budget_start=${answer:0:10}; fi
  else
    problem_matches '404|not ?found|could not be found' || note "The budget could not be read: $(first_problem_line)"
  fi
}
