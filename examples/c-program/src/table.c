#include "table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash(const char *word, size_t length) {
  uint64_t value = 14695981039346656037u;
  for (size_t i = 0; i < length; i += 1) {
    value = (value ^ (unsigned char)word[i]) * 1099511628211u;
  }
  return value;
}

static struct entry *find(const struct table *table, const char *word, size_t length) {
  size_t mask = table->capacity - 1;
  size_t place = (size_t)hash(word, length) & mask;
  for (;;) {
    struct entry *slot = &table->slots[place];
    if (slot->word == NULL) return slot;
    if (strncmp(slot->word, word, length) == 0 && slot->word[length] == '\0') return slot;
    place = (place + 1) & mask;
  }
}

static int grow(struct table *table) {
  struct table bigger = {NULL, table->capacity == 0 ? 64 : table->capacity * 2, table->used};
  bigger.slots = calloc(bigger.capacity, sizeof *bigger.slots);
  if (bigger.slots == NULL) return -1;
  for (size_t i = 0; i < table->capacity; i += 1) {
    struct entry *old = &table->slots[i];
    if (old->word != NULL) *find(&bigger, old->word, strlen(old->word)) = *old;
  }
  free(table->slots);
  *table = bigger;
  return 0;
}

int table_add(struct table *table, const char *word, size_t length) {
  if (4 * (table->used + 1) > 3 * table->capacity && grow(table) != 0) return -1;
  struct entry *slot = find(table, word, length);
  if (slot->word == NULL) {
    slot->word = malloc(length + 1);
    if (slot->word == NULL) return -1;
    memcpy(slot->word, word, length);
    slot->word[length] = '\0';
    table->used += 1;
  }
  slot->count += 1;
  return 0;
}

struct entry *table_entries(const struct table *table) {
  if (table->used == 0) return NULL;
  struct entry *entries = malloc(table->used * sizeof *entries);
  if (entries == NULL) return NULL;
  size_t next = 0;
  for (size_t i = 0; i < table->capacity; i += 1) {
    if (table->slots[i].word != NULL) {
      entries[next] = table->slots[i];
      next += 1;
    }
  }
  return entries;
}

void table_free(struct table *table) {
  for (size_t i = 0; i < table->capacity; i += 1) free(table->slots[i].word);
  free(table->slots);
  *table = (struct table){NULL, 0, 0};
}
