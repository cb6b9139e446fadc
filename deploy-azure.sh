#!/usr/bin/env bash
# Impasto on Azure: resources, worker image, function, and a first picture. Safe to run again; --help has the options.
set -euo pipefail

case ${BASH_SOURCE[0]} in */*) root=${BASH_SOURCE[0]%/*} ;; *) root=. ;; esac
root=$(CDPATH='' cd -- "$root/" && pwd)
parts=$root/infra/azure/deploy
typed=("$0" "$@")

# shellcheck source=infra/azure/deploy/run.sh
. "$parts/run.sh"
# shellcheck source=infra/azure/deploy/explain.sh
. "$parts/explain.sh"
# shellcheck source=infra/azure/deploy/options.sh
. "$parts/options.sh"
# shellcheck source=infra/azure/deploy/checks.sh
. "$parts/checks.sh"
# shellcheck source=infra/azure/deploy/region.sh
. "$parts/region.sh"
# shellcheck source=infra/azure/deploy/find.sh
. "$parts/find.sh"
# shellcheck source=infra/azure/deploy/provision.sh
. "$parts/provision.sh"
# shellcheck source=infra/azure/deploy/image.sh
. "$parts/image.sh"
# shellcheck source=infra/azure/deploy/function.sh
. "$parts/function.sh"
# shellcheck source=infra/azure/deploy/finish.sh
. "$parts/finish.sh"
# shellcheck source=infra/azure/deploy/destroy.sh
. "$parts/destroy.sh"

main() {
  parse_options "$@"
  begin_run
  check_tools
  check_login
  if [ "$destroy" = yes ]; then
    destroy_all
    return
  fi
  check_rights
  check_providers
  check_region
  prepare_sources
  find_deployed
  if [ "$what_if" = yes ]; then
    show_what_if
    return
  fi
  package_function
  register_providers
  deploy_worker
  publish_function
  fetch_key
  smoke_test
  print_summary
}

# With an image in the registry one deployment does it. Otherwise the registry comes first, with the image that runs
# now or, the first time, with none: an app that cannot pull its image keeps a deployment waiting until it expires.
deploy_worker() {
  choose_image
  if ! image_is_there; then
    provision "Create the resources" "$current_image"
    check_gpu_quota
    build_image
  fi
  provision "Create the resources, with the worker image $image_tag" "$image_name"
  check_gpu_quota
}

main "$@"
