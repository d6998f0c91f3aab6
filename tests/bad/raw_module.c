/* SPDX-License-Identifier: Apache-2.0
 *
 * An oracle that does nothing, in plain C, with one thing wrong: what BAD_... says on the command
 * line. Without any it is a plugin like any other.
 */
#include <dodona/abi.h>

#ifndef BAD_EPOCH
#define BAD_EPOCH DODONA_ABI_EPOCH
#endif
#ifndef BAD_MINOR
#define BAD_MINOR DODONA_ABI_MINOR
#endif
#ifndef BAD_MINOR_NEEDED
#define BAD_MINOR_NEEDED DODONA_ABI_BREAK
#endif
#ifndef BAD_FLAGS
#define BAD_FLAGS 0
#endif
#ifndef BAD_ROLE
#define BAD_ROLE DODONA_ROLE_ORACLE
#endif
/* Bytes by which a struct_size is too small. */
#ifndef BAD_MODULE_SIZE
#define BAD_MODULE_SIZE 0
#endif
#ifndef BAD_DESCRIPTOR_SIZE
#define BAD_DESCRIPTOR_SIZE 0
#endif
#ifndef BAD_TABLE_SIZE
#define BAD_TABLE_SIZE 0
#endif

#ifdef BAD_UNRESOLVED
extern int dodona_test_function_that_nobody_has(void);
#endif
#ifdef BAD_RUNTIME
extern int dodona_test_runtime(void);
#endif

static dodona_status create(const dodona_host* host, const dodona_study* study,
                            const dodona_options* options, void** self, dodona_error* error) {
  (void)host, (void)study, (void)options, (void)error;
  *self = NULL;
#ifdef BAD_UNRESOLVED
  return dodona_test_function_that_nobody_has();
#elif defined(BAD_RUNTIME)
  return dodona_test_runtime() ? DODONA_OK : DODONA_E_FAILED;
#else
  return DODONA_OK;
#endif
}

static void destroy(void* self) {
  (void)self;
}

static dodona_status set_space(void* self, const dodona_space* space, dodona_error* error) {
  (void)self, (void)space, (void)error;
  return DODONA_OK;
}

static dodona_status observe(void* self, const dodona_event* const* events, uint64_t count,
                             dodona_error* error) {
  (void)self, (void)events, (void)count, (void)error;
  return DODONA_OK;
}

#ifndef BAD_NO_PROPOSE
static dodona_status propose(void* self, const dodona_request* request,
                             const dodona_proposal_sink* sink, dodona_error* error) {
  (void)self, (void)request, (void)sink, (void)error;
  return DODONA_E_EXHAUSTED;
}
#endif

/* Functions that a variant does not use are kept all the same. */
#define KEPT __attribute__((used))

KEPT static const dodona_oracle_vtable table = {
#if BAD_TABLE_SIZE
    .struct_size = DODONA_ORACLE_VTABLE_SIZE_MIN - BAD_TABLE_SIZE,
#else
    .struct_size = DODONA_SIZE_TO(dodona_oracle_vtable, propose),
#endif
    .create = create,
    .destroy = destroy,
    .set_space = set_space,
    .observe = observe,
#ifndef BAD_NO_PROPOSE
    .propose = propose,
#endif
};

#ifdef BAD_OPTION
static const dodona_option option = {
    .struct_size = DODONA_SIZE_TO(dodona_option, initial_json),
    .kind = DODONA_INT,
    .name = "count",
    .help = "how many",
    .initial = {.kind = DODONA_INT, .as.i = 9},
    .high = {.kind = DODONA_INT, .as.i = 5},
};
#endif
#ifdef BAD_JSON
static const dodona_option option = {
    .struct_size = DODONA_SIZE_TO(dodona_option, initial_json),
    .kind = DODONA_LIST,
    .name = "layers",
    .help = "widths",
    .initial_json = "[1, ]",
};
#endif
#if defined(BAD_OPTION) || defined(BAD_JSON)
static const dodona_option* const options[] = {&option};
#endif

static const dodona_descriptor descriptor = {
    .struct_size = DODONA_DESCRIPTOR_SIZE_MIN - BAD_DESCRIPTOR_SIZE,
    .flags = BAD_FLAGS,
    .role = BAD_ROLE,
    .id = "org.example.raw",
    .name = "raw",
    .version = "1.0.0",
    .license = "Apache-2.0",
    .description = "proposes nothing",
#if defined(BAD_OPTION) || defined(BAD_JSON)
    .options = options,
    .option_count = 1,
#endif
#ifndef BAD_NO_TABLE
    .vtable = &table,
#endif
};

static const dodona_descriptor* const descriptors[] = {&descriptor};

KEPT static const dodona_module module = {
    .struct_size = DODONA_MODULE_SIZE_MIN - BAD_MODULE_SIZE,
    .abi_epoch = BAD_EPOCH,
    .minor_built = BAD_MINOR,
    .minor_needed = BAD_MINOR_NEEDED,
    .build = "raw",
    .descriptors = descriptors,
    .count = 1,
};

#ifndef BAD_NO_ENTRY
const dodona_module* dodona_module_v0(void) {
#ifdef BAD_NULL
  return NULL;
#else
  return &module;
#endif
}
#endif

#ifdef BAD_OTHER_ENTRY
DODONA_EXPORT const dodona_module* dodona_module_v7(void);
const dodona_module* dodona_module_v7(void) {
  return NULL;
}
#endif

#ifdef BAD_SECOND_EXPORT
DODONA_EXPORT int dodona_test_second_export(void);
int dodona_test_second_export(void) {
  return 1;
}
#endif
