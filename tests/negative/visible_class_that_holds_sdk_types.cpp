// SPDX-License-Identifier: Apache-2.0
//
// The C++ layer of the sdk is hidden, so a class that a library shows cannot consist of it: two
// versions of the sdk would meet. An application, which shares with nobody, may say otherwise.
// Diagnostic: declared with greater visibility than the type of its field
// Without: __clang__
#ifdef CONTROL
#define DODONA_SDK_VISIBILITY
#endif
#include <dodona/host.hpp>

struct Holder {
  dodona::Host host;
};
