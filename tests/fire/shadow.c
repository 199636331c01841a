// What a disk would hold if the power failed now: of each file in the data folder, by inode, the bytes as of its last sync; of
// the folder, the names as of its own last sync (a name that was made or moved since is lost, as POSIX allows). What stands
// there at the start counts as on the disk.
//
// FIRE_SHADOW is a folder: a file for each inode, and `names` with lines `INODE NAME`.

#define _GNU_SOURCE
#include "shim.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FILES_MAX = 64 };

// One interval is enough: bytes within it that are clean are on the disk already, and copying them again changes nothing.
struct dirty {
  ino_t inode;
  off_t low, high;
};

static struct dirty files[FILES_MAX];
static int file_count;
static const char *data, *shadow;

int shadow_is_on(void) { return shadow != NULL; }

static struct dirty *dirty_of(ino_t inode) {
  for (int i = 0; i < file_count; i++)
    if (files[i].inode == inode) return &files[i];
  struct dirty *fresh = &files[file_count < FILES_MAX - 1 ? file_count++ : FILES_MAX - 1];
  *fresh = (struct dirty){inode, 0, 0};
  return fresh;
}

static void mark(int fd, off_t low, off_t high) {
  struct stat status;
  if (!shadow || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
  struct dirty *dirty = dirty_of(status.st_ino);
  if (dirty->high == dirty->low) dirty->low = low, dirty->high = high;
  if (low < dirty->low) dirty->low = low;
  if (high > dirty->high) dirty->high = high;
}

void shadow_written(int fd, off_t offset, ssize_t n) { mark(fd, offset, offset + n); }

void shadow_cut(int fd, off_t length) {
  struct stat status;
  if (fstat(fd, &status) != 0) return;
  mark(fd, length < status.st_size ? length : status.st_size, length > status.st_size ? length : status.st_size);
}

static void put(int to, const char *bytes, ssize_t n, off_t at) {
  while (n > 0) {
    ssize_t done = syscall(SYS_pwrite64, to, bytes, n, at);
    if (done <= 0) _exit(97);
    bytes += done, at += done, n -= done;
  }
}

// Past the shim, whose lock is held here.
static int raw_open(const char *path, int flags) { return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600); }

static void copy(int from, ino_t inode, off_t low, off_t high) {
  char name[PATH_SIZE], bytes[65536];
  snprintf(name, sizeof name, "%s/%lu", shadow, (unsigned long)inode);
  int to = raw_open(name, O_WRONLY | O_CREAT);
  struct stat status;
  if (to < 0 || fstat(from, &status) != 0) _exit(97);
  if (high > status.st_size) high = status.st_size;
  while (low < high) {
    size_t want = high - low < (off_t)sizeof bytes ? (size_t)(high - low) : sizeof bytes;
    ssize_t n = pread(from, bytes, want, low);
    if (n <= 0) break;
    put(to, bytes, n, low);
    low += n;
  }
  if (syscall(SYS_ftruncate, to, status.st_size) != 0) _exit(97);
  close(to);
}

// A descriptor to read from. Never a second one where the first will do: closing it would let go of SQLite's locks.
static int readable(int fd) {
  char link[64];
  if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY) return fd;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return raw_open(link, O_RDONLY);
}

static void sync_names(int with_contents) {
  char fresh[PATH_SIZE], names[PATH_SIZE], path[2 * PATH_SIZE];
  snprintf(fresh, sizeof fresh, "%s/names.new", shadow), snprintf(names, sizeof names, "%s/names", shadow);
  FILE *list = fopen(fresh, "w");
  DIR *folder = opendir(data);
  struct stat status;
  if (!list || !folder) _exit(97);
  for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
    snprintf(path, sizeof path, "%s/%s", data, entry->d_name);
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) continue;
    fprintf(list, "%lu %s\n", (unsigned long)status.st_ino, entry->d_name);
    if (!with_contents) continue;
    int from = raw_open(path, O_RDONLY);
    copy(from, status.st_ino, 0, status.st_size);
    close(from);
  }
  closedir(folder);
  fclose(list);
  if (syscall(SYS_rename, fresh, names) != 0) _exit(97);
}

void shadow_start(const char *data_folder, const char *shadow_folder) {
  data = data_folder, shadow = shadow_folder;
  sync_names(1);
}

int shadow_synced(int fd, int is_folder) {
  struct stat status;
  if (is_folder) return sync_names(0), 0;
  if (fstat(fd, &status) != 0) return -1;
  struct dirty *dirty = dirty_of(status.st_ino);
  int from = readable(fd);
  if (from < 0) return -1;
  copy(from, status.st_ino, dirty->low, dirty->high);
  if (from != fd) close(from);
  dirty->low = dirty->high = 0;
  return 0;
}
