/* SPDX-License-Identifier: Apache-2.0
 *
 * dodona/abi.h: the whole binary contract between the kernel and a plugin.
 *
 * C11, freestanding headers only.
 *
 * Rules
 *  1. A plugin exports one C function for each epoch that it serves, here dodona_module_v0, which
 *     returns a constant table. Layouts within an epoch only grow, and each growth raises
 *     DODONA_ABI_MINOR. Epoch 0 is still moving: DODONA_ABI_BREAK is the last minor that changed
 *     what was there.
 *  2. FROZEN structs never change; they may be embedded, passed by value and stand in arrays.
 *  3. GROWABLE structs start with `struct_size`, the size up to the last member that the filler
 *     knows. They grow only at their end, are passed by pointer, and arrays of them are arrays of
 *     pointers. A reader accepts a longer struct than it knows and ignores the tail. It accepts a
 *     shorter one down to the constant ..._SIZE_MIN beside the struct. Every member beyond that size
 *     is read through DODONA_KNOWS, or DODONA_HAS if it is a pointer.
 *  4. Integers have fixed widths, enumerations are constants and never types, truth values are
 *     uint32_t. Zero is never a meaningful constant, except DODONA_OK and a mask without flags.
 *     `reserved` is written 0 and not read.
 *  5. The caller owns every argument. An argument is valid until the call returns: copy to keep. The
 *     host and the space live longer, as the comments of create and set_space say.
 *     Strings that the host answers live until the plugin function that asked for them returns.
 *     Neither side frees the other's memory; variable output goes through a push callback.
 *  6. Every function that can fail returns a dodona_status and writes a text into the caller's
 *     dodona_error, if there is one. DODONA_E_WAIT, DODONA_E_EXHAUSTED and DODONA_E_CANCELLED are
 *     answers, not failures; an unknown code counts as DODONA_E_FAILED.
 *  7. No C++ exception, longjmp or exit leaves a function declared here, in either direction. In C++
 *     every function type here is noexcept.
 *  8. Objectives that the kernel hands out are signed: smaller is better.
 *  9. From within a slot a plugin may call every service of its host, and the functions of the
 *     handles that the table below names.
 * 10. A slot that fails frees what it made. Its outputs are unspecified then. The host calls
 *     destroy and release for what create and build gave with DODONA_OK, and for nothing else.
 * 11. A constant that the reader does not know: an event of unknown type and a plugin of unknown
 *     role are passed over; a verdict other than CONTINUE stops; a trial state with the bit FINAL
 *     ends the trial; unknown flags of the low 16 bits are ignored, of the high 16 bits refused.
 *     A hyperparameter of a type, sampling or condition that an oracle does not take is refused
 *     before the search.
 *
 * Thread tags
 *   [any]    any thread, concurrently.
 *   [study]  one call at a time per object; the thread may change from call to call.
 *   [trial]  one call at a time per trial; trials run concurrently.
 *
 * Slots of a plugin, by role
 *   slot           thread   called                             from within         frees after it
 *                                                              also allowed        failed
 *   every role
 *   create         [study]  once, first                        options             itself
 *   destroy        [study]  once, last, if create succeeded
 *   get_extension  [any]    between these two
 *   oracle
 *   set_space      [study]  before the first event, and        -                   destroy
 *                           whenever the space has grown
 *   observe        [study]  as events come                     -                   destroy
 *   propose        [study]  when a trial is to begin           push of its sink    destroy
 *   judge          [study]  within a report                    -                   destroy
 *   fill           [any]    for a value that nobody gave       -                   destroy
 *   hypermodel
 *   declare        [study]  before the first trial, often      the hp              destroy
 *   metrics        [study]  before the first trial             push                destroy
 *   run            [trial]  each execution                     trial and its hp    itself
 *   build          [trial]  each execution, first              trial and its hp    itself
 *   load           [trial]  after build, to go on              trial and its hp    release
 *   fit            [trial]  after build and load               trial and its hp    release
 *   evaluate       [trial]  after fit succeeded                trial and its hp    release
 *   save           [trial]  within a report; after evaluate    -                   release
 *   release        [trial]  last, if build succeeded
 *   hypermodel's extensions
 *   evaluate       [trial]  after build and load, no fit       trial, hp, its output release
 *   predict        [trial]  after build and load, no fit       trial, hp, its output release
 *   layers         [trial]  after build                        push                release
 *   sink
 *   set_space      [study]  before events that use it          -                   destroy
 *   consume        [study]  as events come                     -                   destroy
 *   flush          [study]  at most once a second, and last    -                   destroy
 * Within each of them, and on a plugin's own threads until destroy returns, all services of the
 * host may be called. The last column names the slot that frees the object or the model; after a
 * failure of create, run or build nobody else does.
 *
 * Text is UTF-8 with a size and not NUL-terminated, except in the constant tables of a module.
 */
#ifndef DODONA_ABI_H
#define DODONA_ABI_H

#include <dodona/abi/events.h>
#include <dodona/abi/extensions.h>
#include <dodona/abi/host.h>
#include <dodona/abi/hypermodel.h>
#include <dodona/abi/module.h>
#include <dodona/abi/oracle.h>
#include <dodona/abi/scalars.h>
#include <dodona/abi/sink.h>
#include <dodona/abi/space.h>

#endif
