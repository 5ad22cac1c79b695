#!/usr/bin/env bash
# Put gits of other Debian releases beside the system's, each with the libraries that it wants:
#   tools/gits.sh FOLDER SUITE...      then FOLDER/SUITE/bin/git is one
# Nothing is installed: apt keeps its lists in FOLDER, packages are unpacked there, and patchelf, which
# has to be on PATH, names their loader and libraries in each program. Libcurl would bring thirty more:
# git's helper for http is the system's.
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
shift
packages=(git libc6 libpcre2-8-0 zlib1g)
helpers=$(git --exec-path)

apt="$folder/apt"
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
key=/usr/share/keyrings/debian-archive-keyring.gpg
printf "deb [signed-by=$key] http://deb.debian.org/debian %s main\n" "$@" >"$apt/sources.list"
options=(-qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=)
apt-get "${options[@]}" update

for suite; do
  place="$folder/$suite"
  rm -rf "$place"
  mkdir -p "$place/debs" "$place/bin"
  (cd "$place/debs" && apt-get "${options[@]}" download "${packages[@]/%//$suite}")
  for deb in "$place"/debs/*.deb; do dpkg-deb --extract "$deb" "$place"; done
  rm -r "$place/debs"
  loader=$(find "$place" -name 'ld-linux*.so.*' -print -quit)
  libraries=$(dirname "$(find "$place" -name libc.so.6 -print -quit)")
  find "$place/usr/bin" "$place/usr/lib/git-core" -type f -perm -u+x | while read -r program; do
    if [ "$(head -c 4 "$program" | tail -c 3)" = ELF ]; then
      patchelf --set-interpreter "$loader" --set-rpath "$libraries" "$program"
    fi
  done
  for helper in "$helpers"/git-remote-{http,https}; do
    if [ -x "$helper" ]; then ln -sf "$helper" "$place/usr/lib/git-core/"; fi
  done
  cat >"$place/bin/git" <<END
#!/bin/sh
GIT_EXEC_PATH=$place/usr/lib/git-core GIT_TEMPLATE_DIR=$place/usr/share/git-core/templates \\
  exec $place/usr/bin/git "\$@"
END
  chmod +x "$place/bin/git"
  echo "$suite: $("$place/bin/git" --version)"
done
rm -r "$apt"
