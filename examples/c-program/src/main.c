#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"
#include "report.h"

static const char USAGE[] = "usage: wordcount [-n COUNT] < TEXT\n";

static int parse_limit(const char *text, size_t *limit) {
  char *end = NULL;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value == 0 || *text == '-') return -1;
  *limit = value;
  return 0;
}

int main(int argc, char **argv) {
  size_t limit = 10;
  if (argc != 1 && (argc != 3 || strcmp(argv[1], "-n") != 0 || parse_limit(argv[2], &limit) != 0)) {
    fputs(USAGE, stderr);
    return 2;
  }
  struct table table = {NULL, 0, 0};
  int status = read_words(stdin, &table);
  if (status == 0) status = print_report(stdout, &table, limit);
  if (status != 0) perror("wordcount");
  table_free(&table);
  return status == 0 ? 0 : 1;
}
