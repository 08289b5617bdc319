// What the C library's heap holds and does not use, and having it given back to the system. Swift's Glibc does not show these.
#ifndef CMALLOC_H
#define CMALLOC_H

#include <malloc.h>

#endif
