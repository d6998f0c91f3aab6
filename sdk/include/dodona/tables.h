/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules for a plugin's tables, and their manifest, for whoever links sdk/cmake/tables.c: the tool
 * that dodona_add_plugin() runs, and the kernel. So both refuse the same tables in the same words.
 *
 * Threads: pure.
 */
#ifndef DODONA_TABLES_H
#define DODONA_TABLES_H

#include <dodona/abi.h>

#include <stdio.h>

DODONA_C_BEGIN

/* Checks descriptors, options and tables of functions of a module whose own members were checked.
 * Answers 1 if all are right. Else writes the first thing that is wrong into `text`, which holds
 * `capacity` bytes, ends it with 0, and answers 0. Passes over the tables of roles that it does not
 * know: a host leaves them aside. */
int dodona_check_tables(const dodona_module* module, char* text, size_t capacity);

/* The same for the flags of a descriptor, without the name of a plugin in the text. */
int dodona_check_flags(uint32_t flags, char* text, size_t capacity);

/* The first role of a module that this version does not know, or NULL. */
const char* dodona_unknown_role(const dodona_module* module);

/* Another library for processors that can do more, below the folder of the manifest. */
typedef struct dodona_variant {
  const char* processor;
  const char* library;
  const char* build_id;
} dodona_variant;

/* Writes the manifest of a module that was checked. `library` is the name of its file, `build_id` in
 * hexadecimal. Errors are those of the stream. */
void dodona_put_manifest(FILE* out, const dodona_module* module, const char* library,
                         const char* build_id, const dodona_variant* variants,
                         size_t variant_count);

/* Answers why the shared library `needed` must not be one that a plugin needs, or NULL. */
const char* dodona_needed_problem(const char* needed);

DODONA_C_END
#endif
