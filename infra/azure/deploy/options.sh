# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# The options: from flags, else from the environment, else the default; every value is checked before anything is called.

# Without cat: nothing has to be there for it.
print_help() {
  local text
  IFS= read -r -d '' text <<'HELP' || true
Puts Impasto on Azure: resources, worker image, function, and a first picture. Run it again to update, to change a
setting, or to go on after a failure. Nothing runs, and no GPU is paid for, until somebody sends a picture.

  ./deploy-azure.sh [options]

What and where
  --name NAME           AZURE_ENV_NAME         name of the environment (impasto)
  --location REGION     AZURE_LOCATION         Azure region (swedencentral)
  --subscription ID     AZURE_SUBSCRIPTION_ID  subscription (the one that az uses)
How it runs; what is not given has its default again
  --gpu t4|a100         GPU_PROFILE            GPU of the workers (t4)
  --cpu-only            GPU_PROFILE=cpu        workers without GPU, where there is no quota for one
  --max-replicas N      MAX_REPLICAS           most workers at once (3)
  --cooldown SECONDS    COOLDOWN_SECONDS       the last worker stops after so long without work (60)
  --polling SECONDS     POLLING_SECONDS        how often the queue is looked at (15)
  --budget AMOUNT       MONTHLY_BUDGET         monthly budget that warns; in the currency of the bill, 0: none (50)
  --alert-email ADDRESS ALERT_EMAIL            who is told of alerts (nobody)
  --set NAME=VALUE                             any other parameter of infra/azure/main.bicep; may be repeated
                        WEBHOOK_SECRETS        1 to 3 secrets whsec_..., the newest first, to sign webhooks with; only
                                               from the environment (what is there stays; the first run makes one)
The worker image
  --build auto|acr|docker  IMAGE_BUILD          where it is built: Azure, or Docker here (auto: Azure where it may)
  --rebuild                                    build it even where the registry has it
  --tag TAG             WORKER_TAG             take this image from the registry, build none: to roll back
  --skip-image                                 leave the worker image that runs
Other
  --what-if                                    show what would change, and change nothing
  --destroy                                    delete all of it; asks for the name of the environment
  --yes                                        --destroy without asking
  --skip-function                              do not publish the function
  --no-smoke-test                              do not send a picture at the end
  --smoke-test-seconds N   SMOKE_TEST_SECONDS  how long its picture may take, a cold start included (900)
  --skip-checks                                go on where a check of region or quota says no
  --verbose                                    show every command and what it says
  --help
                        RETRY_PAUSES_SECONDS   pauses between tries while new rights spread (10 20 30 60 60 120 120 180)
HELP
  printf '%s' "$text"
}

# In the words that every message of this project has.
refuse() {
  printf 'deploy-azure.sh: Expected %s, for %s, received "%s". (--help lists all options)\n' "$1" "$2" "$3" >&2
  exit 2
}

read_environment() {
  name=${AZURE_ENV_NAME:-impasto}
  location=${AZURE_LOCATION:-swedencentral}
  subscription=${AZURE_SUBSCRIPTION_ID:-}
  gpu_profile=${GPU_PROFILE:-t4}
  max_replicas=${MAX_REPLICAS:-3}
  cooldown_seconds=${COOLDOWN_SECONDS:-60}
  polling_seconds=${POLLING_SECONDS:-15}
  monthly_budget=${MONTHLY_BUDGET:-50}
  alert_email=${ALERT_EMAIL:-}
  build=${IMAGE_BUILD:-auto}
  worker_tag=${WORKER_TAG:-}
  webhook_secrets=${WEBHOOK_SECRETS:-}
  smoke_test_seconds=${SMOKE_TEST_SECONDS:-900}
  retry_pauses=${RETRY_PAUSES_SECONDS:-10 20 30 60 60 120 120 180}
  extra_parameters=()
  rebuild=no skip_image=no skip_function=no smoke=yes what_if=no destroy=no yes=no skip_checks=no
  # No child needs it, and what is not there cannot be shown.
  unset WEBHOOK_SECRETS
}

parse_options() {
  read_environment
  while [ $# -gt 0 ]; do
    case $1 in
      --name | --location | --subscription | --gpu | --max-replicas | --cooldown | --polling | --budget | \
        --alert-email | --set | --build | --tag | --smoke-test-seconds)
        [ $# -ge 2 ] || refuse 'a value' "$1" ''
        take_value "$1" "$2"
        shift 2 ;;
      --*=*)
        local flag=${1%%=*} value=${1#*=}
        shift
        set -- "$flag" "$value" "$@" ;;
      *)
        take_switch "$1"
        shift ;;
    esac
  done
  check_options
}

take_value() {
  case $1 in
    --name) name=$2 ;;
    --location) location=$2 ;;
    --subscription) subscription=$2 ;;
    --gpu) gpu_profile=$2 ;;
    --max-replicas) max_replicas=$2 ;;
    --cooldown) cooldown_seconds=$2 ;;
    --polling) polling_seconds=$2 ;;
    --budget) monthly_budget=$2 ;;
    --alert-email) alert_email=$2 ;;
    --build) build=$2 ;;
    --tag) worker_tag=$2 ;;
    --smoke-test-seconds) smoke_test_seconds=$2 ;;
    --set) extra_parameters=(${extra_parameters[@]+"${extra_parameters[@]}"} "$2") ;;
  esac
}

take_switch() {
  case $1 in
    --cpu-only) gpu_profile=cpu ;;
    --rebuild) rebuild=yes ;;
    --skip-image) skip_image=yes ;;
    --skip-function) skip_function=yes ;;
    --no-smoke-test) smoke=no ;;
    --what-if) what_if=yes ;;
    --destroy) destroy=yes ;;
    --yes) yes=yes ;;
    --skip-checks) skip_checks=yes ;;
    --verbose) verbose=yes ;;
    --help | -h)
      print_help
      exit 0 ;;
    *) refuse 'an option' 'the command line' "$1" ;;
  esac
}

check_options() {
  matches "$name" '^[a-z][a-z0-9-]{0,18}[a-z0-9]$' || refuse '2 to 20 small letters, digits and hyphens' --name "$name"
  matches "$location" '^[a-z][a-z0-9]+$' || refuse 'a region such as swedencentral' --location "$location"
  matches "$subscription" '^([^-].*)?$' || refuse 'the id or name of a subscription' --subscription "$subscription"
  matches "$gpu_profile" '^(t4|a100|cpu)$' || refuse 't4, a100 or cpu' --gpu "$gpu_profile"
  check_whole --max-replicas "$max_replicas" 1 100
  check_whole --cooldown "$cooldown_seconds" 30 3600
  check_whole --polling "$polling_seconds" 5 300
  check_whole --budget "$monthly_budget" 0 1000000
  check_whole --smoke-test-seconds "$smoke_test_seconds" 1 7200
  matches "$alert_email" '^([^@ ]+@[^@ ]+\.[^@ ]+)?$' || refuse 'an e-mail address' --alert-email "$alert_email"
  matches "$build" '^(auto|acr|docker)$' || refuse 'auto, acr or docker' --build "$build"
  matches "$worker_tag" '^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$' || refuse 'the tag of an image' --tag "$worker_tag"
  matches "$retry_pauses" '^[0-9. ]*$' || refuse 'seconds with spaces between' RETRY_PAUSES_SECONDS "$retry_pauses"
  check_together
  check_extra_parameters
  check_secrets
}

matches() {
  [[ $1 =~ $2 ]]
}

check_whole() {
  if matches "$2" '^[0-9]{1,7}$' && [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; then return; fi
  refuse "a whole number from $3 to $4" "$1" "$2"
}

check_together() {
  if [ -n "$worker_tag" ] && [ "$skip_image" = yes ]; then refuse 'one of the two' '--tag and --skip-image' both; fi
  if [ "$destroy" = yes ] && [ "$what_if" = yes ]; then refuse 'one of the two' '--destroy and --what-if' both; fi
}

check_extra_parameters() {
  local pair
  for pair in ${extra_parameters[@]+"${extra_parameters[@]}"}; do
    case $(printf '%s' "${pair%%=*}" | tr '[:upper:]' '[:lower:]') in
      webhooksecrets) refuse 'the environment variable WEBHOOK_SECRETS, which others cannot read' --set 'webhookSecrets=...' ;;
      environmentname | location | gpuprofile | workerimage | maxreplicas | cooldownseconds | pollingintervalseconds | \
        monthlybudget | alertemail) refuse 'the option that is made for it' --set "$pair" ;;
    esac
    matches "$pair" '^[A-Za-z][A-Za-z0-9]*=' || refuse 'NAME=VALUE' --set "$pair"
  done
}

# What was received stays out of the message.
check_secrets() {
  local one='whsec_[A-Za-z0-9+/]{32,88}={0,2}' secret
  matches "$webhook_secrets" "^($one( *, *$one){0,2})?\$" ||
    refuse '1 to 3 secrets "whsec_" and base64 of 24 to 64 bytes, with commas between' WEBHOOK_SECRETS 'another text'
  webhook_secrets=${webhook_secrets// /}
  keep_secret "$webhook_secrets"
  while IFS= read -r secret; do keep_secret "$secret"; done <<<"${webhook_secrets//,/$newline}"
}
