#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "table.h"

/* Prints the most frequent words, at most `limit`; equal ones by the alphabet. Returns 0, or -1. */
int print_report(FILE *output, const struct table *table, size_t limit);

#endif
