# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# The proof and the goodbye: one real picture, then addresses, key and cost.

smoke_test() {
  if [ "$smoke" = no ]; then return; fi
  begin_step 'Send a picture and wait for it'
  note "A worker starts for it, which takes a few minutes; at most $smoke_test_seconds s ..."
  local provider=cuda
  if [ "$gpu_profile" = cpu ]; then provider=cpu; fi
  # Through the environment: arguments can be read by everyone on this machine.
  IMPASTO_URL=$(output AZURE_FUNCTION_APP_URL)
  export IMPASTO_URL
  IMPASTO_KEY=$function_key run "$ours" "$parts/smoke-test.ts" "$root/samples" "$work" "$provider" "$smoke_test_seconds"
  note "$answer"
}

print_summary() {
  local url portal=https://portal.azure.com/#resource
  url=$(output AZURE_FUNCTION_APP_URL)
  url=${url%/}
  printf '\n' >&2
  say "API        $url/api/style-transfer"
  say "Docs       $url/api/docs"
  say "Portal     $portal/subscriptions/$subscription/resourceGroups/$group"
  say "Dashboard  $portal$(output AZURE_WORKBOOK_ID)/workbook"
  say "Worker     $image_name on $gpu_profile, 0 to $max_replicas at once"
  say "Webhooks   are signed with the secret $secret_name in the Key Vault $(output AZURE_KEY_VAULT_NAME)"
  say "Key        $function_key"
  print_idle_cost
  say "Try it     IMPASTO_URL=$url IMPASTO_KEY=the-key npx impasto style photo.jpg style.jpg painted.png"
}

print_idle_cost() {
  if try npm run --silent plan -- --idle --profile "$gpu_profile" && [ -n "$answer" ]; then
    say "Idle cost  ${answer//$newline/$newline           }"
  else
    say 'Idle cost  could not be computed; npm run plan -- --idle tells it'
  fi
}
