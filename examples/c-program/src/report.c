#include "report.h"

#include <stdlib.h>
#include <string.h>

static int by_count(const void *left, const void *right) {
  const struct entry *a = left;
  const struct entry *b = right;
  if (a->count != b->count) return a->count < b->count ? 1 : -1;
  return strcmp(a->word, b->word);
}

int print_report(FILE *output, const struct table *table, size_t limit) {
  if (table->used == 0) return 0;
  struct entry *entries = table_entries(table);
  if (entries == NULL) return -1;
  qsort(entries, table->used, sizeof *entries, by_count);
  for (size_t i = 0; i < table->used && i < limit; i += 1) {
    fprintf(output, "%7zu %s\n", entries[i].count, entries[i].word);
  }
  free(entries);
  return ferror(output) ? -1 : 0;
}
