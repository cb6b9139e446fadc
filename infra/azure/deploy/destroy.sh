# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# --destroy: everything of one environment, and what Azure would keep of it.

destroy_all() {
  begin_step "Look for what is there of \"$name\""
  find_group
  find_deleted_vaults
  if [ -z "$group" ] && [ -z "$deleted_vaults" ]; then
    say "There is nothing of the environment \"$name\" in this subscription."
    return
  fi
  if [ -n "$group" ]; then show_resources; fi
  confirm_destruction
  if [ -n "$group" ]; then delete_group; fi
  purge_vaults
  delete_record
  say "All of \"$name\" is gone. What remains: what it has cost until now, on the next bill; and, for 14 days, the"
  say 'deleted workspace of the logs, in case one of the same name is made again.'
}

show_resources() {
  run azure resource list --resource-group "$group" --query '[].[type, name]' --output tsv
  say "This deletes the resource group $group with every job, picture, log and secret in it:"
  say "$answer" | sed 's/^/  /'
}

confirm_destruction() {
  if [ "$yes" = yes ]; then return; fi
  printf 'Type the name of the environment to delete it for good: ' >&2
  local typed_name=''
  read -r typed_name || true
  [ "$typed_name" = "$name" ] || fail "Expected the name \"$name\", for deleting it, received \"$typed_name\". Nothing was deleted."
}

delete_group() {
  begin_step "Delete the resource group $group"
  note 'Some minutes ...'
  changed=yes
  run_while_heals 'Deleting' "$heals_anywhere" azure group delete --name "$group" --yes
  find_deleted_vaults
}

# Azure keeps a deleted vault, and with it the name: the next deployment of the same name would be refused.
find_deleted_vaults() {
  run azure keyvault list-deleted --resource-type vault \
    --query "[?properties.tags.\"azd-env-name\"=='$name'].[name, properties.location]" --output tsv
  deleted_vaults=$answer
}

purge_vaults() {
  local vault_name vault_location
  while IFS=$'\t' read -r vault_name vault_location <&3; do
    [ -n "$vault_name" ] || continue
    begin_step "Purge the Key Vault $vault_name"
    changed=yes
    run_while_heals 'Purging' "$heals_anywhere" azure keyvault purge --name "$vault_name" \
      --location "${vault_location:-$location}"
  done 3<<<"$deleted_vaults"
}

# The name of the deployment, where it was made; one that is not there is as good as deleted.
delete_record() {
  begin_step 'Delete the record of the deployment'
  deployment=impasto-$name-${group_location:-$location}
  if try azure deployment sub delete --name "$deployment"; then return; fi
  problem_matches 'not ?found|could not be found' || give_up
}
