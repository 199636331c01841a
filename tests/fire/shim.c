// Stands between a program and its system calls, from outside (LD_PRELOAD), so that the program that is tried is the one that
// is shipped. It ends the process at a named point, or lets a call fail; `shadow.c` beside it knows what a disk would hold.
//
// FIRE_PLAN   plans, parted by `;`. `kill@sync:wal>send:in` ends the process after a sync of the write-ahead log has returned,
//             just before the next reply is sent. `EIO@sync:wal:3` lets the third sync fail. `ENOSPC*@write:wal` lets every
//             write fail as long as the file FIRE_SWITCH exists. A step is OPERATION:PLACE[~TEXT][:COUNT]; with a text, only
//             calls that carry it count.
// FIRE_DATA   the data folder. FIRE_OUT_PORT the port of the peer that is called `out`; any other peer is `in`.
// FIRE_AHEAD  seconds by which the clock is ahead.

#define _GNU_SOURCE
#include "shim.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { STEPS_MAX = 4, PLANS_MAX = 4 };

struct step {
  char operation[8], place[8], text[64];
  int count;
};

struct plan {
  int error;  // 0: kill
  int lasting;
  int length, at;
  struct step steps[STEPS_MAX];
};

static struct plan plans[PLANS_MAX];
static int plan_count;
static const char *data, *switch_file;
static int out_port;
static long ahead;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void read_step(struct step *step, char *text) {
  char *count = strrchr(text, ':'), *place = strchr(text, ':');
  step->count = 1;
  if (count && count != place && count[1] >= '0' && count[1] <= '9') step->count = atoi(count + 1), *count = 0;
  char *needle = strchr(text, '~');
  if (needle) *needle = 0, snprintf(step->text, sizeof step->text, "%s", needle + 1);
  if (place) *place = 0, snprintf(step->place, sizeof step->place, "%s", place + 1);
  snprintf(step->operation, sizeof step->operation, "%s", text);
}

static int error_named(const char *text) {
  if (strncmp(text, "ENOSPC", 6) == 0) return ENOSPC;
  if (strncmp(text, "EROFS", 5) == 0) return EROFS;
  return strncmp(text, "EIO", 3) == 0 ? EIO : 0;
}

static void read_plan(struct plan *plan, char *text) {
  char *steps = strchr(text, '@'), *rest = NULL;
  if (!steps) return;
  *steps++ = 0;
  plan->lasting = strchr(text, '*') != NULL;
  plan->error = error_named(text);
  for (char *step = strtok_r(steps, ">", &rest); step && plan->length < STEPS_MAX; step = strtok_r(NULL, ">", &rest))
    read_step(&plan->steps[plan->length++], step);
}

__attribute__((constructor)) static void start(void) {
  data = getenv("FIRE_DATA"), switch_file = getenv("FIRE_SWITCH");
  out_port = getenv("FIRE_OUT_PORT") ? atoi(getenv("FIRE_OUT_PORT")) : -1;
  ahead = getenv("FIRE_AHEAD") ? atol(getenv("FIRE_AHEAD")) : 0;
  if (data && getenv("FIRE_SHADOW")) shadow_start(data, getenv("FIRE_SHADOW"));
  static char text[1024];
  char *rest = NULL;
  snprintf(text, sizeof text, "%s", getenv("FIRE_PLAN") ? getenv("FIRE_PLAN") : "");
  for (char *plan = strtok_r(text, ";", &rest); plan && plan_count < PLANS_MAX; plan = strtok_r(NULL, ";", &rest))
    read_plan(&plans[plan_count++], plan);
}

static const char *socket_place(int fd) {
  struct sockaddr_in peer = {0};
  socklen_t length = sizeof peer;
  if (getpeername(fd, (struct sockaddr *)&peer, &length) != 0 || peer.sin_family != AF_INET) return NULL;
  return ntohs(peer.sin_port) == out_port ? "out" : "in";
}

// What stands at a path; NULL where it is none of ours, such as the log.
static const char *place_at(const char *path) {
  size_t folder = data ? strlen(data) : 0;
  if (!data || strncmp(path, data, folder) != 0) return NULL;
  if (path[folder] == 0) return "dir";
  const char *end = strrchr(path, '.');
  if (end && strcmp(end, ".sqlite-wal") == 0) return "wal";
  return end && strcmp(end, ".sqlite") == 0 ? "db" : "file";
}

static const char *place_of(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, PATH_SIZE - 1);
  if (n <= 0) return NULL;
  path[n] = 0;
  return strncmp(path, "socket:", 7) == 0 ? socket_place(fd) : place_at(path);
}

static int fits(const struct step *step, const char *operation, const char *place, const void *bytes, size_t n) {
  if (!place || strcmp(step->operation, operation) != 0 || strcmp(step->place, place) != 0) return 0;
  return step->text[0] == 0 || (bytes && memmem(bytes, n, step->text, strlen(step->text)) != NULL);
}

// Before a call (`done` 0) only last steps count, after it only the others: a chain goes on when a call has returned.
static int happens(int done, const char *operation, const char *place, const void *bytes, size_t n) {
  int error = 0;
  for (struct plan *plan = plans; plan < plans + plan_count; plan++) {
    if (plan->at >= plan->length || (plan->at == plan->length - 1) == done) continue;
    struct step *step = &plan->steps[plan->at];
    if (!fits(step, operation, place, bytes, n)) continue;
    if (plan->lasting ? !switch_file || access(switch_file, F_OK) != 0 : --step->count > 0) continue;
    if (!plan->lasting) plan->at++;
    if (done) continue;
    if (plan->error == 0) kill(getpid(), SIGKILL);
    error = plan->error;
  }
  return error;
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, #name)

// Where something is planned, asks first; where a call is to fail, it fails here.
#define ASK(operation, bytes, n) \
  char path[PATH_SIZE]; \
  const char *place = place_of(fd, path), *what = operation; \
  pthread_mutex_lock(&lock); \
  int error = happens(0, what, place, bytes, n); \
  if (error) { \
    pthread_mutex_unlock(&lock); \
    errno = error; \
    return -1; \
  }

#define TELL(bytes, n) \
  happens(1, what, place, bytes, n); \
  pthread_mutex_unlock(&lock)

static int is_peer(const char *place) { return place && (strcmp(place, "in") == 0 || strcmp(place, "out") == 0); }

// A socket is not written to under the lock: its peer may keep us waiting.
#define TRANSFER(name, call, operation, bytes, n) \
  REAL(name); \
  ASK(is_peer(place) ? (is_reading ? "recv" : "send") : operation, bytes, n); \
  if (is_peer(place) || !place) pthread_mutex_unlock(&lock); \
  ssize_t result = call; \
  if (is_peer(place) || !place) pthread_mutex_lock(&lock); \
  if (!is_reading && result > 0 && place && !is_peer(place)) shadow_written(fd, offset, result); \
  if (result <= 0) place = NULL; \
  TELL(bytes, (size_t)result); \
  return result

ssize_t write(int fd, const void *bytes, size_t n) {
  const int is_reading = 0;
  off_t offset = lseek(fd, 0, SEEK_CUR);
  TRANSFER(write, real(fd, bytes, n), "write", bytes, n);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t offset) {
  const int is_reading = 0;
  TRANSFER(pwrite64, real(fd, bytes, n, offset), "write", bytes, n);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  const int is_reading = 0;
  off_t offset = lseek(fd, 0, SEEK_CUR);
  TRANSFER(writev, real(fd, parts, count), "write", NULL, 0);
}

ssize_t send(int fd, const void *bytes, size_t n, int flags) {
  const int is_reading = 0;
  const off_t offset = 0;
  TRANSFER(send, real(fd, bytes, n, flags), "send", bytes, n);
}

ssize_t recv(int fd, void *bytes, size_t n, int flags) {
  const int is_reading = 1;
  const off_t offset = 0;
  (void)offset;
  TRANSFER(recv, real(fd, bytes, n, flags), "recv", NULL, 0);
}

static int synced(int fd, int (*real)(int)) {
  ASK("sync", NULL, 0);
  // With a shadow the disk is the shadow, and the real one need not be waited for.
  int result = shadow_is_on() && place ? shadow_synced(fd, strcmp(place, "dir") == 0) : real(fd);
  TELL(NULL, 0);
  return result;
}

int fsync(int fd) {
  REAL(fsync);
  return synced(fd, real);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  return synced(fd, real);
}

int ftruncate64(int fd, off_t length) {
  REAL(ftruncate64);
  ASK("cut", NULL, 0);
  if (place) shadow_cut(fd, length);
  int result = real(fd, length);
  TELL(NULL, 0);
  return result;
}

int rename(const char *from, const char *to) {
  REAL(rename);
  pthread_mutex_lock(&lock);
  happens(0, "rename", "file", to, strlen(to));
  int result = real(from, to);
  happens(1, "rename", "file", to, strlen(to));
  pthread_mutex_unlock(&lock);
  return result;
}

// Opening for writing only: a file system that is read-only lets everybody read.
static int opening(const char *path, int flags) {
  if ((flags & O_ACCMODE) == O_RDONLY) return 0;
  pthread_mutex_lock(&lock);
  int error = happens(0, "open", place_at(path), NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = error ? error : errno;
  return error ? -1 : 0;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = va_arg(rest, mode_t); \
    va_end(rest); \
    return opening(path, flags) ? -1 : real(path, flags, mode); \
  }

OPEN(open)
OPEN(open64)

int clock_gettime(clockid_t clock, struct timespec *time) {
  REAL(clock_gettime);
  int result = real(clock, time);
  if (clock == CLOCK_REALTIME) time->tv_sec += ahead;
  return result;
}
