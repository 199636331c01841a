// What the two halves of the shim tell each other.

#pragma once
#include <sys/types.h>

enum { PATH_SIZE = 512 };

void shadow_start(const char *data, const char *shadow);
int shadow_is_on(void);
void shadow_written(int fd, off_t offset, ssize_t n);
void shadow_cut(int fd, off_t length);
int shadow_synced(int fd, int is_folder);
