/* SPDX-License-Identifier: Apache-2.0 */
/* The sink my_plugin, in C11: it receives what happens in a study.
 *
 * After a crash events may come again. They are known by their sequence, so the file holds the
 * sequence of each. It begins with the id of its study: a file of another study is replaced.
 * <dodona/abi.h> says when each slot is called, and what it may do.
 */
#include <dodona/abi.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  char* path;  /* NULL: the study writes nothing, so neither does this */
  char* draft; /* what takes the place of `path` once it is complete */
  char* text;  /* all lines so far */
  size_t size, room;
  uint64_t next; /* the sequence of the first event that is not in the text */
  int changed;
} sink;

static dodona_status fail(dodona_error* error, dodona_status code, const char* text) {
  if (error != NULL) {
    const uint64_t size = strlen(text);
    error->code = code;
    error->size = size < error->capacity ? size : error->capacity;
    memcpy(error->message, text, (size_t)error->size);
  }
  return code;
}

static int append(sink* it, const char* text) {
  const size_t more = strlen(text);
  if (it->size + more > it->room) {
    const size_t room = 2 * (it->size + more) + 1024;
    char* bytes = realloc(it->text, room);
    if (bytes == NULL) return 0;
    it->text = bytes;
    it->room = room;
  }
  memcpy(it->text + it->size, text, more);
  it->size += more;
  return 1;
}

static char* path_in(dodona_str directory, const char* name) {
  char* path = malloc((size_t)directory.size + strlen(name) + 1);
  if (path == NULL) return NULL;
  memcpy(path, directory.data, (size_t)directory.size);
  strcpy(path + directory.size, name);
  return path;
}

static void destroy(void* self) {
  sink* it = self;
  free(it->path);
  free(it->draft);
  free(it->text);
  free(it);
}

/* Goes on after the last event of a file of the same study. Answers 0 if there is no memory. */
static int read_lines(sink* it, const uint8_t* id) {
  char head[64] = "study ";
  for (int i = 0; i < 16; ++i) snprintf(head + 6 + 2 * i, 4, "%02x\n", id[i]);
  if (!append(it, head)) return 0;
  FILE* file = fopen(it->path, "rb");
  if (file == NULL) return 1;
  char line[256];
  int complete = 1;
  if (fgets(line, sizeof line, file) != NULL && strcmp(line, head) == 0) {
    while (complete && fgets(line, sizeof line, file) != NULL) {
      it->next = strtoull(line, NULL, 10) + 1;
      complete = append(it, line);
    }
  }
  fclose(file);
  return complete;
}

static dodona_status create(const dodona_host* host, const dodona_study* study,
                            const dodona_options* options, void** self, dodona_error* error) {
  (void)host, (void)options;
  sink* made = calloc(1, sizeof *made);
  if (made == NULL) return fail(error, DODONA_E_NO_MEMORY, "out of memory");
  if (study->directory.size > 0) {
    made->path = path_in(study->directory, "/my_plugin.txt");
    made->draft = path_in(study->directory, "/my_plugin.txt.new");
    if (made->path == NULL || made->draft == NULL || !read_lines(made, study->id)) {
      destroy(made);
      return fail(error, DODONA_E_NO_MEMORY, "out of memory");
    }
  }
  *self = made;
  return DODONA_OK;
}

/* FILL IN: what is worth to be told. This one keeps the score of each trial. */
static dodona_status consume(void* self, const dodona_event* const* events, uint64_t count,
                             dodona_error* error) {
  sink* it = self;
  if (it->path == NULL) return DODONA_OK;
  for (uint64_t i = 0; i < count; ++i) {
    const dodona_event* event = events[i];
    if (event->sequence < it->next) continue;
    it->next = event->sequence + 1;
    if (event->type != DODONA_EVENT_FINISHED) continue;
    const dodona_finished_event* finished = event->body;
    char line[256];
    int size =
        snprintf(line, sizeof line, "%" PRIu64 " trial %" PRIu64, event->sequence, event->trial);
    if (finished->objectives.size > 0) {
      size += snprintf(line + size, sizeof line - (size_t)size, " objective %.9g",
                       finished->objectives.data[0]);
    }
    snprintf(line + size, sizeof line - (size_t)size, "\n");
    if (!append(it, line)) return fail(error, DODONA_E_NO_MEMORY, "out of memory");
    it->changed = 1;
  }
  return DODONA_OK;
}

/* Another file takes the place of the old one, so that there is never half of it. */
static dodona_status flush(void* self, dodona_error* error) {
  sink* it = self;
  if (it->path == NULL || !it->changed) return DODONA_OK;
  FILE* file = fopen(it->draft, "wb");
  if (file == NULL) return fail(error, DODONA_E_IO, "cannot write my_plugin.txt");
  const size_t written = fwrite(it->text, 1, it->size, file);
  if (fclose(file) != 0 || written != it->size || rename(it->draft, it->path) != 0) {
    return fail(error, DODONA_E_IO, "cannot write my_plugin.txt");
  }
  it->changed = 0;
  return DODONA_OK;
}

static const dodona_sink_vtable table = {
    .struct_size = sizeof table,
    .create = create,
    .destroy = destroy,
    .consume = consume,
    .flush = flush,
};

static const dodona_descriptor descriptor = {
    .struct_size = sizeof descriptor,
    .role = DODONA_ROLE_SINK,
    .id = "org.example.my_plugin",
    .name = "my_plugin",
    .version = "0.1.0",
    .license = "Apache-2.0",
    .description = "FILL IN: what it does",
    .vtable = &table,
};

static const dodona_descriptor* const descriptors[] = {&descriptor};

static const dodona_module module = {
    .struct_size = sizeof module,
    .abi_epoch = DODONA_ABI_EPOCH,
    .minor_built = DODONA_ABI_MINOR,
    .minor_needed = DODONA_ABI_BREAK,
    .build = __VERSION__,
    .descriptors = descriptors,
    .count = 1,
};

const dodona_module* dodona_module_v0(void) {
  return &module;
}
