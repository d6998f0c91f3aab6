/* SPDX-License-Identifier: Apache-2.0
 *
 * The version of Dodona that these headers belong to: the one place that says it. CMake reads it
 * here, so each number stands alone on its line. */
#ifndef DODONA_VERSION_H
#define DODONA_VERSION_H

#define DODONA_VERSION_MAJOR 0
#define DODONA_VERSION_MINOR 1
#define DODONA_VERSION_PATCH 0

#define DODONA_TEXT_OF_(x) #x
#define DODONA_TEXT_(x) DODONA_TEXT_OF_(x)
/* "MAJOR.MINOR.PATCH", and "MAJOR.MINOR", which alone must be equal until 1.0. */
#define DODONA_VERSION               \
  DODONA_TEXT_(DODONA_VERSION_MAJOR) \
  "." DODONA_TEXT_(DODONA_VERSION_MINOR) "." DODONA_TEXT_(DODONA_VERSION_PATCH)
#define DODONA_VERSION_SERIES \
  DODONA_TEXT_(DODONA_VERSION_MAJOR) "." DODONA_TEXT_(DODONA_VERSION_MINOR)

#endif
