# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# The function: its package, its publication, its first key.

# Before anything is created: what fails here needs no Azure to be found.
package_function() {
  if [ "$skip_function" = yes ]; then return; fi
  begin_step 'Package the function'
  package=$root/azure-function/dist/function.zip
  run npm run --silent package
  [ -s "$package" ] || fail "Expected $package, from npm run package, received no such file."
}

publish_function() {
  app=$(output AZURE_FUNCTION_APP_NAME)
  if [ "$skip_function" = yes ]; then return; fi
  begin_step 'Publish the function'
  run_while_heals 'Publishing' "$heals_publishing|$heals_anywhere" \
    azure functionapp deployment source config-zip --resource-group "$group" --name "$app" --src "$package" \
    --build-remote false --output none
  remove_injected_setting
}

# The platform can add a connection string with a key while it takes a package (azure-functions-host#11796). The account
# refuses keys, so it would break the function, and it is a secret that nobody asked for.
remove_injected_setting() {
  local setting=AzureWebJobsStorage
  run azure functionapp config appsettings list --resource-group "$group" --name "$app" \
    --query "[?name=='$setting'].name" --output tsv
  if [ "$answer" != "$setting" ]; then return; fi
  note "Azure has added the setting $setting with a key; it is removed, the identity serves."
  run azure functionapp config appsettings delete --resource-group "$group" --name "$app" \
    --setting-names "$setting" --output none
}

# The host makes its keys when it starts for the first time.
fetch_key() {
  begin_step 'Fetch a key of the function'
  run_while_heals 'The key' "$heals_keys|$heals_anywhere" \
    azure functionapp keys list --resource-group "$group" --name "$app" --query functionKeys.default --output tsv
  function_key=$(value_of "$answer")
  [ -n "$function_key" ] || fail "Expected a key named default, from az functionapp keys list, received none: the host of \
$app has not started; look at its log stream in the portal."
  keep_secret "$function_key"
}
