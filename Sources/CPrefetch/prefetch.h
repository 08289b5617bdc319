// Asks the processor to fetch a line of memory while it goes on with other things. A hint: any address will do.
#ifndef CPREFETCH_H
#define CPREFETCH_H

static inline void cprefetch(const void *address) { __builtin_prefetch(address); }

#endif
