#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# samples/packages.sh removes no package and starts no service: on a machine with another Boost it
# unpacks what cannot be installed beside it, and otherwise says what to do. apt-get and its like are
# played here.
set -euo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
mkdir played
# `installed` holds the packages that are there, `removes` those that are in the way of the others.
cat >played/dpkg-query <<'PLAY'
#!/bin/bash
grep -qx "${!#}" installed && echo -n installed
PLAY
cat >played/apt-get <<'PLAY'
#!/bin/bash
case " $* " in
  *" --simulate "*)
    while read -r wanted removed; do
      [[ " $* " == *" $wanted "* ]] && echo "Remv $removed [1.74]"
    done <removes
    exit 0 ;;
  *" install "*)
    [[ " $* " == *" --no-remove "* ]] || touch removed
    echo "$*" >>installs
    if [ ! -e policy ] || ./policy; then touch started; fi
    [[ " $* " != *" slurmd "* ]] || touch services/slurmd
    [[ " $* " != *" broken "* ]] ;;
  *" download "*) for package in "${@:4}"; do [[ $package == lib* ]] && touch "$package.deb"; done ;;
esac
PLAY
cat >played/apt-cache <<'PLAY'
#!/bin/bash
printf '%s\n' libboost1.81-dev libboost-json1.81-dev '  Depends: libboost-json1.81.0' libboost-json1.81.0 libc6
PLAY
cat >played/dpkg-deb <<'PLAY'
#!/bin/bash
mkdir -p "$3/usr" && touch "$3/usr/$(basename "$2" .deb)"
PLAY
printf '#!/bin/bash\necho "$*" >>disabled\n' >played/update-rc.d
printf '#!/bin/bash\nexec "$@"\n' >played/sudo
chmod +x played/*
export PATH=$scratch/played:$PATH
# shellcheck source=samples/packages.sh
source "$DODONA_SOURCE_DIR/samples/packages.sh"
service_policy=$PWD/policy
service_folder=$PWD/services
mkdir services
touch services/ssh

# Nothing is in the way.
: >installed
: >removes
need_packages libboost1.81-dev cmake
test ! -e started
grep -q 'install.*libboost1.81-dev cmake' installs
test ! -e build

# Another Boost is.
printf '%s\n' 'libboost1.81-dev libboost-dev' 'libboost-json1.81-dev libboost-dev' >removes
rm installs
need_packages libboost1.81-dev libboost-json1.81-dev cmake
grep -q 'install.*cmake libboost-json1.81.0$' installs
test "$(grep -c -e '1.81-dev' installs)" -eq 0
for package in libboost1.81-dev libboost-json1.81-dev libboost-json1.81.0; do
  test -e "build/packages/usr/$package"
done
rm installs
echo cmake >installed
need_packages libboost1.81-dev libboost-json1.81-dev cmake # once is enough
test ! -e installs

# Another package is: nothing happens but a message with what to do.
echo 'mold other-linker' >>removes
if need_packages mold 2>message; then exit 1; fi
grep -q 'would remove' message
grep -q 'apt-get remove other-linker' message
test ! -e installs
test ! -e removed

# A service that came with a package is off, and nothing is left that would keep others from starting.
: >removes
need_packages slurmd
test ! -e started
test ! -e policy
test "$(cat disabled)" = "slurmd disable"

# The same after a failure.
if need_packages broken 2>message; then exit 1; fi
grep -q 'could not install' message
test ! -e policy

# A policy of the machine's own stays.
printf '#!/bin/bash\nexit 102\n' >policy
chmod +x policy
need_packages mold
test "$(tail -1 policy)" = 'exit 102'
