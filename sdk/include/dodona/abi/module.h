/* SPDX-License-Identifier: Apache-2.0
 *
 * The table that a plugin exports.
 * A part of dodona/abi.h, which states the rules.
 */
#ifndef DODONA_ABI_MODULE_H
#define DODONA_ABI_MODULE_H

#include <dodona/abi/scalars.h>

DODONA_C_BEGIN

#define DODONA_ROLE_ORACLE "dodona.oracle/1"
#define DODONA_ROLE_HYPERMODEL "dodona.hypermodel/1"
#define DODONA_ROLE_SINK "dodona.sink/1"

/* A host may pass over a flag of the low 16 bits that it does not know. It refuses a plugin with
 * such a flag of the high 16. */
enum {
  DODONA_FLAG_RESUMES = 1 << 0,    /* the oracle's proposals may go on from earlier trials */
  DODONA_FLAG_ENDS = 1 << 1,       /* the oracle ends by itself: max_trials has no default */
  DODONA_FLAG_ISOLATE = 1 << 2,    /* the hypermodel should run in a process of its own */
  DODONA_FLAG_OBJECTIVES = 1 << 3, /* the plugin takes several objectives */
  DODONA_FLAG_LIMITS = 1 << 4,     /* the hypermodel holds its trials to dodona_trial's limits */
  DODONA_FLAG_SERIAL = 1 << 16     /* the hypermodel runs one trial at a time in a process */
};

/* GROWABLE. One option that a study file may give to a plugin. Default, bounds and choices are of
 * its kind; bounds are for numbers, and included. The host refuses a table where they are not. */
typedef struct dodona_option {
  uint32_t struct_size;
  dodona_kind kind;
  const char* name;
  const char* help;            /* effect, reason to change it, cost */
  dodona_value initial;        /* the default; kind 0: the option must be given */
  dodona_value low;            /* kind 0: no bound */
  dodona_value high;           /* kind 0: no bound */
  const dodona_value* choices; /* or NULL */
  uint64_t choice_count;
  const char* initial_json; /* default of a LIST or OBJECT; or NULL */
} dodona_option;
#define DODONA_OPTION_SIZE_MIN DODONA_SIZE_TO(dodona_option, choice_count)

/* A bit for a constant that an oracle takes. A mask of 0 stands for all constants
 * that the first version of this epoch has. */
#define DODONA_TAKES(constant) (UINT32_C(1) << (constant))

/* GROWABLE. One plugin of a library. The host reads it when it loads the library, and compares it
 * with the manifest. */
typedef struct dodona_descriptor {
  uint32_t struct_size;
  uint32_t flags;
  const char* role;
  const char* id;   /* reverse-DNS, never reused */
  const char* name; /* the short name that study files use */
  const char* version;
  const char* license;
  const char* description;
  const dodona_option* const* options;
  uint64_t option_count;
  const void* vtable; /* its type follows from the role */
  /* optional: types of hyperparameters, samplings and operators of conditions that the oracle takes,
   * as masks of DODONA_TAKES. The host refuses a space with others before the search. */
  uint32_t takes_types;
  uint32_t takes_samplings;
  uint32_t takes_conditions;
  uint32_t reserved;
} dodona_descriptor;
#define DODONA_DESCRIPTOR_SIZE_MIN DODONA_SIZE_TO(dodona_descriptor, vtable)

/* GROWABLE. Constant, with all that it points to, until the process ends: a library is never
 * unloaded. */
typedef struct dodona_module {
  uint32_t struct_size;
  uint32_t abi_epoch;
  uint32_t minor_built;  /* DODONA_ABI_MINOR of its headers, for bug reports */
  uint32_t minor_needed; /* of the oldest host that will do: DODONA_ABI_BREAK, or more if the plugin
                          * cannot do without what a later minor brought */
  const char* build;     /* compiler and library, for bug reports only */
  const dodona_descriptor* const* descriptors;
  uint64_t count;
  /* [any] optional. The table of an optional feature by its versioned id, or NULL. This version of
   * the host asks for none. */
  const void*(DODONA_CALL* get_extension)(const char* id)DODONA_NOEXCEPT;
} dodona_module;
#define DODONA_MODULE_SIZE_MIN DODONA_SIZE_TO(dodona_module, count)

/* The entry. A plugin exports one for each epoch that it serves, and nothing else; the host takes
 * the newest one that it knows. Pure: no allocation, threads, input or output, and the same pointer
 * every time. Called right after the library was loaded, before any other function. */
#define DODONA_ENTRY_SYMBOL "dodona_module_v0"
DODONA_EXPORT const dodona_module* DODONA_CALL dodona_module_v0(void) DODONA_NOEXCEPT;

DODONA_C_END
#endif
