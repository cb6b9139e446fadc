# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# What has to be there before anything is created: tools, login, rights, resource providers.

least_az=2.64 # knows Flex Consumption and its locations
least_node=20

check_tools() {
  begin_step 'Look for the tools'
  need az 'https://learn.microsoft.com/cli/azure/install-azure-cli'
  check_az_version
  if [ "$destroy" = yes ]; then return; fi
  need node "https://nodejs.org, version $least_node or newer"
  need npm 'it comes with Node'
  local version
  run node --version
  version=${answer#v}
  if matches "${version%%.*}" '^[0-9]+$' && [ "${version%%.*}" -lt "$least_node" ]; then
    fail "Expected Node $least_node or newer, for building the function, received $version."
  fi
  if [ "$build" = docker ]; then need docker 'https://docs.docker.com/get-docker, or --build acr'; fi
}

need() {
  command -v "$1" >/dev/null 2>&1 || fail "Expected the command $1 on the PATH, for deploying, received none: $2."
}

check_az_version() {
  run az version --query '"azure-cli"' --output tsv
  local major=${answer%%.*} rest=${answer#*.}
  local minor=${rest%%.*}
  if ! matches "$major.$minor" '^[0-9]+\.[0-9]+$'; then
    note "The version of az could not be read; it should be $least_az or newer."
  elif [ "$major" -lt "${least_az%%.*}" ] || { [ "$major" -eq "${least_az%%.*}" ] && [ "$minor" -lt "${least_az#*.}" ]; }; then
    fail "Expected az $least_az or newer, for Flex Consumption, received $answer: az upgrade."
  fi
}

check_login() {
  begin_step 'Look at the login'
  # Extensions that az wants to install would otherwise wait for an answer.
  export AZURE_EXTENSION_USE_DYNAMIC_INSTALL=yes_without_prompt AZURE_CORE_ONLY_SHOW_ERRORS=true
  local given=()
  if [ -n "$subscription" ]; then given=(--subscription "$subscription"); fi
  if ! try az account show --query id --output tsv ${given[@]+"${given[@]}"}; then
    if [ -n "$subscription" ] && problem_matches "subscription.*(not found|doesn.t exist)"; then
      fail "Expected a subscription that your login sees, for --subscription, received \"$subscription\": az account list."
    fi
    note "$(first_problem_line)"
    fail 'Expected a login at Azure, for deploying, received none that works: az login.'
  fi
  subscription=${answer%%"$newline"*}
  [ -n "$subscription" ] || fail 'Expected the id of a subscription, from az account show, received nothing: az account set.'
  note "Subscription $subscription."
}

# A hint only: rights can come from roles of one's own, which have other names. Azure itself has the last word, before
# it creates anything.
check_rights() {
  begin_step 'Look at your rights'
  if ! try azure account show --query user.name --output tsv || [ -z "$answer" ]; then return; fi
  local who=$answer scope=/subscriptions/$subscription
  if ! try azure role assignment list --assignee "$who" --scope "$scope" --include-inherited --include-groups \
    --query '[].roleDefinitionName' --output tsv; then
    note 'Your roles could not be read. The template gives roles to the apps, which needs Owner or alike.'
  elif ! problem_matches 'Owner|User Access Administrator|Role Based Access Control Administrator'; then
    note 'No role of yours is known to allow giving roles (Owner, or Role Based Access Control Administrator beside'
    note 'Contributor). If Azure refuses roleAssignments/write later, that is why.'
  fi
}

providers='Microsoft.App Microsoft.Web Microsoft.Storage Microsoft.ContainerRegistry Microsoft.KeyVault'
providers="$providers Microsoft.ManagedIdentity Microsoft.OperationalInsights Microsoft.Insights Microsoft.Consumption"

check_providers() {
  begin_step 'Look for the resource providers'
  run azure provider list --query "[?registrationState=='Registered'].namespace" --output tsv
  # Whole lines: Microsoft.AppConfiguration is not Microsoft.App.
  missing_providers=$(tr ' ' '\n' <<<"$providers" | grep -Fixv -e "$answer" | tr '\n' ' ' || true)
  if [ -n "$missing_providers" ]; then note "Not registered yet, which a real run does: $missing_providers"; fi
}

# After all checks: it costs nothing and creates nothing, but it is a change.
register_providers() {
  if [ -z "$missing_providers" ]; then return; fi
  begin_step 'Register the resource providers'
  local provider
  for provider in $missing_providers; do register_provider "$provider"; done
}

register_provider() {
  changed=yes
  note "Registering $1, which takes a minute or two ..."
  run_while_heals "Registering $1" "$heals_anywhere" azure provider register --namespace "$1" --wait
  missing_providers=${missing_providers/"$1 "/}
}

# may_ask PROVIDER: Azure tells what a region has only where the provider is registered.
may_ask() {
  case " $missing_providers" in *" $1 "*) ;; *) return 0 ;; esac
  if [ "$what_if" = no ]; then
    register_provider "$1"
  else
    note "What $1 has in this region can only be asked once it is registered."
    return 1
  fi
}

# Our own programs run on the Node that npm installed, which knows TypeScript.
prepare_sources() {
  begin_step 'Look for the packages of npm'
  run node "$root/scripts/install.mjs"
  ours="$root/node_modules/.bin/node"
  [ -x "$ours" ] || fail "Expected $ours, for running our own programs, received none: npm ci."
  cd "$root" || exit 1
}
