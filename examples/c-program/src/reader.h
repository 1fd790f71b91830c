#ifndef READER_H
#define READER_H

#include <stdio.h>

#include "table.h"

/* Counts the words of a text, in lower case. A word is letters, digits and apostrophes inside it. Returns 0, or -1. */
int read_words(FILE *input, struct table *table);

#endif
