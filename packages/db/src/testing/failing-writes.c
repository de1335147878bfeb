/* Preloaded into the server: makes the n-th write to a SQLite file fail once. The file at MGX_FAULT_FILE has n as an int32,
   which the torture sets and every write counts down; at 0 nothing fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static volatile int32_t *countdown;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("MGX_FAULT_FILE");
  int file = path ? open(path, O_RDWR) : -1;
  if (file < 0) return;
  void *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) countdown = mapped;
}

static int is_database(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return strstr(path, ".db") != NULL;
}

/* Whether this write is the one to fail. */
static int fails(int file) {
  if (!countdown || *countdown <= 0 || !is_database(file)) return 0;
  return __sync_sub_and_fetch(countdown, 1) == 0;
}

#define FAIL_OR(name, ...)                                       \
  do {                                                           \
    static __typeof__(&name) real;                               \
    if (!real) real = dlsym(RTLD_NEXT, #name);                   \
    if (fails(file)) {                                           \
      errno = EIO;                                               \
      return -1;                                                 \
    }                                                            \
    return real(__VA_ARGS__);                                    \
  } while (0)

ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) { FAIL_OR(pwrite64, file, data, size, at); }
ssize_t pwrite(int file, const void *data, size_t size, off_t at) { FAIL_OR(pwrite, file, data, size, at); }
ssize_t write(int file, const void *data, size_t size) { FAIL_OR(write, file, data, size); }
int fsync(int file) { FAIL_OR(fsync, file); }
int fdatasync(int file) { FAIL_OR(fdatasync, file); }
int ftruncate64(int file, off64_t size) { FAIL_OR(ftruncate64, file, size); }
