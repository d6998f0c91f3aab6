/* SPDX-License-Identifier: Apache-2.0
 *
 * dodona-manifest PLUGIN.so PLUGIN.json [PROCESSOR VARIANT.so]...: writes the contents of a plugin,
 * so that a host need not load it to know them.
 *
 * Runs at build time, on a plugin that was just linked; it loads the library and reads the constant
 * tables of dodona_module_v0. The kernel writes the same with `dodona plugins manifest PLUGIN.so`, by
 * the same tables.c. Errors: one line on standard error, exit code 1, no file written. The
 * manifest replaces an older one in one step, so a host never reads half of it.
 *
 * A variant is the same plugin for processors that can do more, such as x86-64-v3. Its library lies
 * in the folder PROCESSOR beside PLUGIN.so, and only its build-id is read: this machine may be
 * unable to execute it.
 */
#define _GNU_SOURCE

#include <dodona/tables.h>

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BUILD_ID_BYTES_MAX = 64 };

static const char* plugin_path;

static void fail(const char* what, const char* detail) {
  fprintf(stderr, "dodona-manifest: %s: %s%s%s\n", plugin_path, what, detail ? ": " : "",
          detail ? detail : "");
  exit(1);
}

/* ---- the library ----------------------------------------------------------------------------- */

/* Searches one block of ELF notes. Returns the number of bytes of the GNU build-id, or 0. */
static size_t build_id_in_notes(const char* notes, size_t size, size_t align, unsigned char* id) {
  size_t at = 0;
  while (size - at >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) head;
    memcpy(&head, notes + at, sizeof head);
    size_t name = at + sizeof head;
    if (head.n_namesz > size - name) return 0;
    size_t content = name + (head.n_namesz + align - 1) / align * align;
    if (content > size || head.n_descsz > size - content) return 0;
    if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 &&
        memcmp(notes + name, "GNU", 4) == 0 && head.n_descsz <= BUILD_ID_BYTES_MAX) {
      memcpy(id, notes + content, head.n_descsz);
      return head.n_descsz;
    }
    size_t next = content + (head.n_descsz + align - 1) / align * align;
    if (next > size) return 0;
    at = next;
  }
  return 0;
}

/* Reads the build-id from the file itself, as the host will do before it trusts a manifest. */
static size_t read_build_id(const char* path, unsigned char* id) {
  FILE* file = fopen(path, "rb");
  if (!file) fail(path, strerror(errno));
  ElfW(Ehdr) elf;
  if (fread(&elf, sizeof elf, 1, file) != 1 || memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0) {
    fail("not an ELF file", NULL);
  }
  size_t found = 0;
  for (size_t i = 0; i < elf.e_phnum && found == 0; ++i) {
    ElfW(Phdr) segment;
    long at = (long)(elf.e_phoff + i * elf.e_phentsize);
    if (fseek(file, at, SEEK_SET) != 0 || fread(&segment, sizeof segment, 1, file) != 1) break;
    if (segment.p_type != PT_NOTE) continue;
    char* notes = malloc(segment.p_filesz + 1);
    if (!notes) fail("out of memory", NULL);
    if (fseek(file, (long)segment.p_offset, SEEK_SET) == 0 &&
        fread(notes, 1, segment.p_filesz, file) == segment.p_filesz) {
      size_t align = segment.p_align == 8 ? 8 : 4;
      found = build_id_in_notes(notes, segment.p_filesz, align, id);
    }
    free(notes);
  }
  fclose(file);
  if (found == 0) fail("has no build-id; link it with -Wl,--build-id", NULL);
  return found;
}

/* The libraries that a loaded one names, as its dynamic section lists them. */
static void check_needed(void* library) {
  struct link_map* map = NULL;
  if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) fail("cannot be looked into", dlerror());
  const char* names = NULL;
  for (const ElfW(Dyn)* at = map->l_ld; at->d_tag != DT_NULL; ++at) {
    if (at->d_tag == DT_STRTAB) names = (const char*)at->d_un.d_ptr;
  }
  for (const ElfW(Dyn)* at = map->l_ld; names && at->d_tag != DT_NULL; ++at) {
    if (at->d_tag != DT_NEEDED) continue;
    const char* needed = names + at->d_un.d_val;
    const char* why = dodona_needed_problem(needed);
    if (!why) continue;
    char what[128];
    snprintf(what, sizeof what, "needs the shared %s", needed);
    fail(what, why);
  }
}

static const dodona_module* load_module(void) {
  void* library = dlopen(plugin_path, RTLD_NOW | RTLD_LOCAL);
  if (!library) fail("cannot be loaded", dlerror());
  check_needed(library);
  /* C has no cast from an object pointer to a function pointer; POSIX promises that this works. */
  const dodona_module* (*entry)(void);
  void* symbol = dlsym(library, DODONA_ENTRY_SYMBOL);
  if (!symbol) fail("does not export " DODONA_ENTRY_SYMBOL "; is DODONA_PLUGIN missing?", NULL);
  memcpy(&entry, &symbol, sizeof entry);
  const dodona_module* module = entry();
  if (!module) fail(DODONA_ENTRY_SYMBOL " returns no table", NULL);
  if (module->struct_size < DODONA_MODULE_SIZE_MIN) {
    fail("the module table is too short", NULL);
  }
  if (module->abi_epoch != DODONA_ABI_EPOCH) {
    fail("the module's epoch is not the one of this SDK", NULL);
  }
  static char problem[1024];
  if (!dodona_check_tables(module, problem, sizeof problem)) fail(problem, NULL);
  const char* role = dodona_unknown_role(module);
  if (role) {
    snprintf(problem, sizeof problem, "has the unknown role \"%s\"", role);
    fail(problem, NULL);
  }
  return module;
}

static const char* file_name(const char* path) {
  const char* slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* All memory stays reachable until the end, so that a sanitizer takes none of it for lost. */
typedef struct piece {
  struct piece* next;
} piece;
static piece* pieces;

static void* allocated(size_t size) {
  piece* made = malloc(sizeof *made + size);
  if (!made) fail("out of memory", NULL);
  made->next = pieces;
  pieces = made;
  return made + 1;
}

static char* build_id_text(const char* path) {
  unsigned char id[BUILD_ID_BYTES_MAX];
  const size_t size = read_build_id(path, id);
  char* text = allocated(2 * size + 1);
  for (size_t i = 0; i < size; ++i) snprintf(text + 2 * i, 3, "%02x", id[i]);
  return text;
}

/* `words` holds pairs of a processor and a library. */
static dodona_variant* variants_of(char** words, size_t count) {
  dodona_variant* variants = allocated((count + 1) * sizeof *variants);
  for (size_t i = 0; i < count; ++i) {
    const char* processor = words[2 * i];
    const char* library = file_name(words[2 * i + 1]);
    const size_t room = strlen(processor) + strlen(library) + 2;
    char* path = allocated(room);
    snprintf(path, room, "%s/%s", processor, library);
    variants[i].processor = processor;
    variants[i].library = path;
    variants[i].build_id = build_id_text(words[2 * i + 1]);
  }
  return variants;
}

int main(int argc, char** argv) {
  if (argc < 3 || argc % 2 == 0) {
    fprintf(stderr,
            "usage: dodona-manifest /PATH/PLUGIN.so PLUGIN.json [PROCESSOR VARIANT.so]...\n");
    return 2;
  }
  plugin_path = argv[1];
  const dodona_module* module = load_module();
  const size_t count = (size_t)(argc - 3) / 2;
  const dodona_variant* variants = variants_of(argv + 3, count);
  const char* build_id = build_id_text(plugin_path);

  const size_t room = strlen(argv[2]) + sizeof ".tmp";
  char* temporary = allocated(room);
  snprintf(temporary, room, "%s.tmp", argv[2]);
  umask(022);
  FILE* file = fopen(temporary, "wb");
  if (!file) fail(temporary, strerror(errno));
  dodona_put_manifest(file, module, file_name(plugin_path), build_id, variants, count);
  const int failed = ferror(file);
  if (fclose(file) != 0 || failed || rename(temporary, argv[2]) != 0) {
    const int reason = errno;
    remove(temporary);
    fail(argv[2], strerror(reason));
  }
  return 0;
}
