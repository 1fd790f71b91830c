#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

/* A word and how often it was seen. */
struct entry {
  char *word;
  size_t count;
};

/* Counts words. Open addressing; grows at three quarters full. */
struct table {
  struct entry *slots;
  size_t capacity; /* A power of two, or 0 before the first word. */
  size_t used;
};

/* Counts one word. Returns 0, or -1 when there is no memory left. */
int table_add(struct table *table, const char *word, size_t length);

/* All entries in a new array that the caller frees; NULL when there are none, or no memory. */
struct entry *table_entries(const struct table *table);

void table_free(struct table *table);

#endif
