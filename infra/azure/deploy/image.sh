# shellcheck shell=bash disable=SC2034,SC2154 # the parts share their variables
# The worker image: which one, whether the registry has it, and how it is built.

# Same sources, same tag: a run that goes on after a failure finds what was built before it.
choose_image() {
  begin_step 'Choose the worker image'
  if [ "$skip_image" = yes ]; then
    [ -n "$current_image" ] || fail 'Expected a worker image that runs, for --skip-image, received none: leave it out once.'
    image_name=$current_image
    image_tag=${current_image##*:}
  else
    image_tag=${worker_tag:-$(tag_of_sources)}
    image_name=''
    if [ -n "$registry" ]; then name_image; fi
  fi
  note "impasto-worker:$image_tag"
}

name_image() {
  if [ -z "${registry_host:-}" ]; then
    run azure acr show --name "$registry" --query loginServer --output tsv
    registry_host=$answer
  fi
  image_name=$registry_host/impasto-worker:$image_tag
}

variant() {
  if [ "$gpu_profile" = cpu ]; then say cpu; else say cuda; fi
}

tag_of_sources() {
  local commit tag
  if commit=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null); then
    tag=$commit
    local difference
    difference=$(changes)
    if [ -n "$difference" ]; then tag=$commit-dirty-$(printf '%s' "$difference" | git hash-object --stdin | cut -c 1-8); fi
  else
    tag=$(date -u +%Y%m%d%H%M%S)
  fi
  if [ "$gpu_profile" = cpu ]; then tag=$tag-cpu; fi
  printf '%s' "$tag"
}

# What differs from the commit, new files by their content.
changes() {
  git -C "$root" diff HEAD --binary | tr -d '\0'
  git -C "$root" ls-files --others --exclude-standard | while IFS= read -r file; do
    printf '%s ' "$file"
    git -C "$root" hash-object -- "$file" 2>/dev/null || true
  done
}

image_is_there() {
  if [ "$skip_image" = yes ]; then return 0; fi
  if [ -n "$registry" ] && [ "$rebuild" = no ]; then
    if try azure acr repository show --name "$registry" --image "impasto-worker:$image_tag" --query digest --output tsv &&
      [ -n "$answer" ]; then
      note 'The registry has it.'
      return 0
    fi
  fi
  if [ -z "$worker_tag" ]; then return 1; fi
  note "$(first_problem_line)"
  fail "Expected an image that the registry has, for --tag, received \"$worker_tag\". It has those of \
az acr repository show-tags --name ${registry:-REGISTRY} --repository impasto-worker"
}

build_image() {
  begin_step "Build the worker image $image_tag ($(variant))"
  note 'About ten minutes; --verbose shows the build ...'
  name_image
  if [ "$build" = docker ]; then
    build_with_docker
  elif ! log=yes try azure acr build --registry "$registry" --image "impasto-worker:$image_tag" --platform linux/amd64 \
    --file "$root/container-app/Dockerfile" --build-arg "VARIANT=$(variant)" "$root"; then
    if [ "$build" = acr ] || ! problem_matches 'TasksOperationsNotAllowed|ACR Tasks.*(not|isn.t)'; then give_up; fi
    note 'This subscription may not build in the registry, so it is built here.'
    need docker 'https://docs.docker.com/get-docker'
    build_with_docker
  fi
}

build_with_docker() {
  log=yes run docker build --platform linux/amd64 --build-arg "VARIANT=$(variant)" --file "$root/container-app/Dockerfile" \
    --tag "$image_name" "$root"
  run_while_heals 'The login at the registry' "$heals_anywhere" azure acr login --name "$registry"
  run_while_heals 'Pushing the image' "$heals_anywhere|denied|unauthorized" docker push "$image_name"
}
