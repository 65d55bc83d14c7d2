/* A disk that is watched, or that fails. Preloaded into a process, it sees every write, sync, truncation, creation and
 * removal below AUDITPROOF_DISK and appends it to the file AUDITPROOF_TRACE, in the order in which they happened.
 * AUDITPROOF_FAULT=call:n:times:errno makes the n-th such call fail ("fsync:3:once:EIO", "write:7:always:ENOSPC").
 *
 * A record is: op (1 byte), length of path (4), offset (8), length of data (8), path, data; integers in host order.
 *   W write   S sync   T truncate (offset is the new size)   C create   U unlink   A ack (data)   L link (data is the new path)   F a fault was injected
 * Memory-mapped files are not seen: SQLite maps only its -shm, which it rebuilds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int trace_fd = -2;
static const char *root;
static char fault_call[16];
static long fault_at, calls;
static int fault_always, fault_errno;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void set_up(void) {
  if (trace_fd != -2) return;
  root = getenv("AUDITPROOF_DISK");
  const char *trace = getenv("AUDITPROOF_TRACE");
  trace_fd = trace ? REAL(open64)(trace, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
  const char *fault = getenv("AUDITPROOF_FAULT");
  char times[16] = "", error[16] = "";
  if (fault && sscanf(fault, "%15[^:]:%ld:%15[^:]:%15s", fault_call, &fault_at, times, error) == 4) {
    fault_always = strcmp(times, "always") == 0;
    fault_errno = strcmp(error, "ENOSPC") == 0 ? ENOSPC : EIO;
  }
}

static int watched(int fd, char *path) {
  char link[64];
  set_up();
  if (!root) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, 4095);
  if (n <= 0) return 0;
  path[n] = 0;
  size_t length = strlen(root);
  return strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static void put(char op, const char *path, uint64_t offset, const void *data, uint64_t length) {
  if (trace_fd < 0) return;
  char head[21];
  uint32_t path_length = strlen(path);
  head[0] = op;
  memcpy(head + 1, &path_length, 4);
  memcpy(head + 5, &offset, 8);
  memcpy(head + 13, &length, 8);
  __typeof__(&write) real = REAL(write);
  real(trace_fd, head, sizeof head);
  real(trace_fd, path, path_length);
  if (length) real(trace_fd, data, length);
}

static int fails(const char *call, const char *path) {
  if (fault_at == 0 || strcmp(call, fault_call) != 0 || strstr(path, "/acks")) return 0;
  calls++;
  if (calls != fault_at && !(fault_always && calls > fault_at)) return 0;
  put('F', path, calls, 0, 0);
  errno = fault_errno;
  return 1;
}

static ssize_t written(int fd, const char *path, const void *data, ssize_t n, off64_t offset) {
  if (n > 0) {
    size_t length = strlen(path);
    char op = length > 5 && strcmp(path + length - 5, "/acks") == 0 ? 'A' : 'W';
    put(op, path, offset, data, n);
  }
  (void)fd;
  return n;
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t offset) {
  char path[4096];
  if (!watched(fd, path)) return REAL(pwrite64)(fd, data, count, offset);
  pthread_mutex_lock(&lock);
  ssize_t n = fails("write", path) ? -1 : written(fd, path, data, REAL(pwrite64)(fd, data, count, offset), offset);
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return n;
}

ssize_t write(int fd, const void *data, size_t count) {
  char path[4096];
  if (!watched(fd, path)) return REAL(write)(fd, data, count);
  pthread_mutex_lock(&lock);
  ssize_t n = -1;
  if (!fails("write", path)) {
    n = REAL(write)(fd, data, count);
    if (n > 0) written(fd, path, data, n, lseek64(fd, 0, SEEK_CUR) - n);
  }
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return n;
}

static int synced(int fd, int (*real)(int)) {
  char path[4096];
  if (!watched(fd, path)) return real(fd);
  pthread_mutex_lock(&lock);
  int result = fails("fsync", path) ? -1 : real(fd);
  if (result == 0) put('S', path, 0, 0, 0);
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

int ftruncate64(int fd, off64_t size) {
  char path[4096];
  if (!watched(fd, path)) return REAL(ftruncate64)(fd, size);
  pthread_mutex_lock(&lock);
  int result = fails("write", path) ? -1 : REAL(ftruncate64)(fd, size);
  if (result == 0) put('T', path, size, 0, 0);
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

static int below_root(const char *path) {
  set_up();
  return root && strncmp(path, root, strlen(root)) == 0;
}

static int opened(const char *path, int flags, mode_t mode) {
  int existed = access(path, F_OK) == 0;
  int fd = REAL(open64)(path, flags, mode);
  if (fd >= 0 && !existed && (flags & O_CREAT) && below_root(path)) {
    pthread_mutex_lock(&lock);
    put('C', path, 0, 0, 0);
    pthread_mutex_unlock(&lock);
  }
  return fd;
}

#define OPEN(name)                                                                                                     \
  int name(const char *path, int flags, ...) {                                                                         \
    va_list rest;                                                                                                      \
    va_start(rest, flags);                                                                                             \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                                                          \
    va_end(rest);                                                                                                      \
    return opened(path, flags, mode);                                                                                  \
  }
OPEN(open)
OPEN(open64)

int unlink(const char *path) {
  int result = REAL(unlink)(path);
  if (result == 0 && below_root(path)) {
    pthread_mutex_lock(&lock);
    put('U', path, 0, 0, 0);
    pthread_mutex_unlock(&lock);
  }
  return result;
}

int link(const char *from, const char *to) {
  int result = REAL(link)(from, to);
  if (result == 0 && below_root(to)) {
    pthread_mutex_lock(&lock);
    put('L', from, 0, to, strlen(to));
    pthread_mutex_unlock(&lock);
  }
  return result;
}
