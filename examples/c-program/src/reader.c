#define _POSIX_C_SOURCE 200809L

#include "reader.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

static int is_word_char(const char *line, size_t length, size_t i) {
  unsigned char c = (unsigned char)line[i];
  if (isalnum(c) || c >= 0x80) return 1;
  return c == '\'' && i > 0 && i + 1 < length && isalnum((unsigned char)line[i - 1]) && isalnum((unsigned char)line[i + 1]);
}

static int read_line(char *line, size_t length, struct table *table) {
  size_t start = 0;
  for (size_t i = 0; i <= length; i += 1) {
    if (i < length && is_word_char(line, length, i)) {
      line[i] = (char)tolower((unsigned char)line[i]);
      continue;
    }
    if (i > start && table_add(table, line + start, i - start) != 0) return -1;
    start = i + 1;
  }
  return 0;
}

#if HAVE_GETLINE

int read_words(FILE *input, struct table *table) {
  char *line = NULL;
  size_t size = 0;
  ssize_t length = 0;
  int status = 0;
  while (status == 0 && (length = getline(&line, &size, input)) >= 0) {
    status = read_line(line, (size_t)length, table);
  }
  free(line);
  return ferror(input) ? -1 : status;
}

#else

int read_words(FILE *input, struct table *table) {
  char line[4096];
  while (fgets(line, sizeof line, input) != NULL) {
    if (read_line(line, strlen(line), table) != 0) return -1;
  }
  return ferror(input) ? -1 : 0;
}

#endif
