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
child='' # the process that is waited for
reader='' # the one that shows what it says
secrets=()
newline='
'
carriage_return=$(printf '\r')
most_retry_seconds=2700 # for all tries of one command

# The folder for what must not stay, and what is said at the end; both whatever happens.
begin_run() {
  remove_leftovers
  work=$(mktemp -d "${TMPDIR:-/tmp}/impasto-deploy.$$.XXXXXX")
  trap end_run EXIT
  trap 'stop 130' INT
  trap 'stop 143' TERM HUP
}

# Folders of runs that were killed before they could do it.
remove_leftovers() {
  local folder process
  for folder in "${TMPDIR:-/tmp}"/impasto-deploy.*; do
    process=${folder##*/impasto-deploy.}
    if [ -O "$folder" ] && ! kill -0 "${process%%.*}" 2>/dev/null; then rm -rf "$folder"; fi
  done
}

stop() {
  # shellcheck disable=SC2086 # none, one or two of them
  kill $child $reader 2>/dev/null || true
  exit "$1"
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
  : >"$work/answer"
  if [ "$verbose" = yes ]; then
    note "\$ $(quoted "$@")"
    run_aloud "$@" || status=$?
  else
    launch "$@" 2>"$work/problem" &
    await || status=$?
  fi
  answer=$(<"$work/answer")
  problem=$(<"$work/problem")
  # From az on Windows.
  case $answer in *"$carriage_return"*) answer=$(tr -d '\r' <"$work/answer") ;; esac
  case "$answer $*" in ['{["']*' --output tsv'*) read_json "$@" ;; esac
  return "$status"
}

# In the background, because bash would hear a signal only after a command in the foreground has ended.
await() {
  child=$!
  local status=0
  wait "$child" || status=$?
  child=''
  return "$status"
}

# The stdout of a build is a log, which belongs to stderr: log=yes.
launch() {
  if [ "${log:-no}" = yes ]; then exec "$@" >&2 </dev/null; else exec "$@" >"$work/answer" </dev/null; fi
}

run_aloud() {
  local line status=0
  [ -p "$work/aloud" ] || mkfifo "$work/aloud"
  while IFS= read -r line || [ -n "$line" ]; do
    printf '%s\n' "$line"
    note "  $line"
  done <"$work/aloud" >"$work/problem" &
  reader=$!
  launch "$@" 2>"$work/aloud" &
  await || status=$?
  wait "$reader" || true
  reader=''
  return "$status"
}

# Some wrappers of az answer with JSON whatever was asked for.
read_json() {
  local word before='' query=''
  for word in "$@"; do
    if [ "$before" = --query ]; then query=$word; fi
    before=$word
  done
  answer=$(node "$parts/read-json.mjs" "$query" <"$work/answer") ||
    fail "Expected plain text, from $(quoted "$@"), received JSON that could not be read."
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
    sleep "$pause" &
    await
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
