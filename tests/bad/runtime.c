/* SPDX-License-Identifier: Apache-2.0
 *
 * A library that stands for the shared libc++.
 */
__attribute__((visibility("default"))) int dodona_test_runtime(void);

int dodona_test_runtime(void) {
  return 1;
}
