# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# What a failed command means, and what to do about it.

# Ends the run with what the last command said.
give_up() {
  printf 'deploy-azure.sh: expected success of this command, for the step "%s"; it failed:\n' "$step" >&2
  printf '  %s\n' "$(redact "$(quoted "${last_command[@]}")")" >&2
  redact "${problem:-$answer}" | tail -n 30 | sed 's/^/  | /' >&2
  printf '\n' >&2
  local advice
  advice=$(advise)
  if [ -n "$advice" ]; then printf '%s\n' "$advice" >&2; fi
  exit 1
}

advise() {
  case $problem in
    *roleAssignments/write* | *AuthorizationFailed* | *"does not have authorization"*)
      say 'Your account may not do this. It needs Owner, or Contributor together with Role Based Access Control'
      say 'Administrator, on the subscription: the template gives each app its own narrow roles.' ;;
    *AADSTS* | *"az login"* | *ExpiredAuthenticationToken*)
      say 'The login has ended: az login, and again.' ;;
    *[Qq]uota*)
      say 'A quota is used up. Ask for more in the portal (Help + support, "Service and subscription limits"), take another'
      say '--location, or go on without a GPU: --cpu-only.' ;;
    *"deleted state"* | *[Ss]oft[Dd]eleted* | *soft-deleted* | *"soft deleted"*)
      say "Something of this name was deleted and is still kept. --destroy purges what this environment left; or take another"
      say '--name.' ;;
    *InvalidResourceGroupLocation* | *InvalidDeploymentLocation*)
      say 'This environment is in another region: give its --location, or another --name.' ;;
    *KeyVaultParameterReference*)
      say 'Azure may not hand on the secret that is in the Key Vault: it needs your right Microsoft.KeyVault/vaults/deploy/action,'
      say 'and a vault that serves deployments. Or give the secrets anew: WEBHOOK_SECRETS=whsec_... in the environment.' ;;
    *RequestDisallowedByPolicy*)
      say 'A policy of your organisation refuses a resource; the text above names it.' ;;
    *"Cannot connect to the Docker daemon"* | *"docker daemon"*)
      say 'Docker is not running. Start it, or let Azure build the image: --build acr.' ;;
  esac
}

# Problems of a deployment that time heals: rights that have not reached every server, and a busy platform.
# A deployment that goes on from an earlier, interrupted run counts too: it ends by itself.
heals_deployment='PrincipalNotFound|does not exist in the directory|unauthorized: authentication required'
heals_deployment="$heals_deployment|failed to pull|unable to pull|AcrPull|Operation expired"
heals_deployment="$heals_deployment|DeploymentActive|AnotherOperationInProgress|OperationInProgress"

# What any call to Azure can meet.
heals_anywhere='TooManyRequests|too many requests|ServiceUnavailable|service unavailable|GatewayTimeout|gateway timeout'
heals_anywhere="$heals_anywhere|BadGateway|bad gateway|connection (was )?(reset|aborted)|timed out"
heals_anywhere="$heals_anywhere|Max retries exceeded|temporary failure in name resolution"

# The function's identity may not write its package yet, or the new site is not known everywhere.
heals_publishing='InaccessibleStorage|BlobUploadFailed|AuthorizationPermissionMismatch|Forbidden|(^|[^0-9])403([^0-9]|$)'
heals_publishing="$heals_publishing|site.*not found|name or service not known|nodename nor servname"

# The host answers for its keys once it has started.
heals_keys='host runtime|InternalServerError|Internal Server Error|BadRequest|Bad Request|NotFound|Not Found'
