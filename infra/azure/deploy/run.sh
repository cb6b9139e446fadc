# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# How every command of others is run: announced, its answer kept, tried again where time heals, told when it fails.
# Progress goes to stderr, what was asked for to stdout. Works with bash 3.2, which macOS has.

verbose=no
step_number=0
step=''
changed=no
answer='' # stdout of the last command
problem='' # its stderr
last_command=()
secrets=()
newline='
'
carriage_return=$(printf '\r')
most_retry_seconds=2700 # for all tries of one command

# The folder for what must not stay, and what is said at the end; both whatever happens.
begin_run() {
  work=$(mktemp -d)
  trap end_run EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

end_run() {
  local status=$?
  rm -rf "$work"
  if [ "$status" = 0 ] || [ "$status" = 2 ] || [ -z "$step" ]; then return; fi
  printf '\nStopped in step %s: %s.\n' "$step_number" "$step" >&2
  if [ "$changed" = no ]; then
    printf 'Nothing was created or changed.' >&2
  else
    printf 'What was done stays; a service that ran before still runs.' >&2
  fi
  printf ' When the reason is gone, the same command goes on from there:\n  %s\n' "$(redact "$(quoted "${typed[@]}")")" >&2
}

say() {
  printf '%s\n' "$*"
}

note() {
  printf '    %s\n' "$(redact "$*")" >&2
}

begin_step() {
  step_number=$((step_number + 1))
  step=$1
  printf '[%s] %s\n' "$step_number" "$step" >&2
}

fail() {
  printf 'deploy-azure.sh: %s\n' "$(redact "$*")" >&2
  exit 1
}

keep_secret() {
  if [ -n "$1" ]; then secrets=(${secrets[@]+"${secrets[@]}"} "$1"); fi
}

redact() {
  local text=$1 secret
  for secret in ${secrets[@]+"${secrets[@]}"}; do text=${text//"$secret"/(secret)}; done
  printf '%s' "$text"
}

# As one would type it.
quoted() {
  local word line=''
  for word in "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_./:=@,+-]*) word="'$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'" ;;
    esac
    line="$line${line:+ }$word"
  done
  printf '%s' "$line"
}

# Runs one command; stdout in $answer, stderr in $problem. Its exit status is the command's. The word azure stands for
# az on the chosen subscription, which leaves alone the one that the user works with otherwise.
try() {
  local status=0
  if [ "$1" = azure ]; then
    shift
    set -- az "$@" --subscription "$subscription"
  fi
  last_command=("$@")
  : >"$work/problem"
  if [ "$verbose" = yes ]; then
    note "\$ $(quoted "$@")"
    run_aloud "$@"
    status=$(cat "$work/status")
  else
    "$@" >"$work/answer" 2>"$work/problem" </dev/null || status=$?
  fi
  answer=$(<"$work/answer")
  problem=$(<"$work/problem")
  # From az on Windows.
  case $answer in *"$carriage_return"*) answer=$(tr -d '\r' <"$work/answer") ;; esac
  return "$status"
}

run_aloud() {
  {
    local status=0
    "$@" </dev/null || status=$?
    printf '%s' "$status" >"$work/status"
  } 2>&1 >"$work/answer" | while IFS= read -r line || [ -n "$line" ]; do
    printf '%s\n' "$line" >>"$work/problem"
    note "  $line"
  done
}

# The same for a command without which there is no going on.
run() {
  try "$@" || give_up
}

# run_while_heals WHAT PATTERN COMMAND...: again, with growing pauses, while the problem matches the pattern.
run_while_heals() {
  local what=$1 heals=$2 pause began=$SECONDS
  shift 2
  for pause in $retry_pauses end; do
    if try "$@"; then return 0; fi
    if [ "$pause" = end ] || ! problem_matches "$heals" || [ $((SECONDS - began)) -gt "$most_retry_seconds" ]; then
      give_up
    fi
    note "$what: not yet: $(first_problem_line)"
    note "That can take some minutes. Trying again in $pause s."
    sleep "$pause"
  done
}

problem_matches() {
  grep -Eiq -- "$1" <<<"$problem$newline$answer"
}

first_problem_line() {
  local line
  while IFS= read -r line; do
    if [ -n "$line" ]; then
      printf '%.200s' "$line"
      return
    fi
  done <<<"${problem:-$answer}"
}
