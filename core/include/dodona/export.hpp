// SPDX-License-Identifier: Apache-2.0
//
// DODONA_API marks what libdodona exports. All else is hidden, by visibility and by a version
// script; inline functions and templates of public headers need no mark.
#pragma once

#define DODONA_API __attribute__((visibility("default")))
