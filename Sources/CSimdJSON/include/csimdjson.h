// A few C functions over simdjson's DOM parser: one document at a time, read field by field.
// Everything handed out (strings, cursors) stays valid until the next csj_parse on the same parser.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csj_parser csj_parser;

typedef enum {
    CSJ_NULL = 0,
    CSJ_FALSE,
    CSJ_TRUE,
    CSJ_INTEGER,   // fits into int64_t
    CSJ_NUMBER,    // any other number
    CSJ_STRING,
    CSJ_ARRAY,
    CSJ_OBJECT,
} csj_kind;

// Small, because it is copied for every field of every document: what counts of the union is decided by `kind`.
typedef struct {
    csj_kind kind;
    union {
        struct {
            const char *start;   // UTF-8, unescaped, not only up to a zero byte
            size_t length;       // in bytes
        } string;
        int64_t integer;
        double number;
        uint64_t node[2];        // of an array or object: simdjson's own reference, opaque
    };
} csj_value;

typedef struct {
    const char *name;
    size_t name_length;
    csj_value value;
} csj_field;

typedef struct {
    uint64_t next[2];
    uint64_t end[2];
} csj_cursor;

typedef enum {
    CSJ_OK = 0,
    CSJ_NOT_UTF8,
    CSJ_NOT_JSON,
    CSJ_NO_MEMORY,
} csj_status;

// A parser for documents of up to `capacity` bytes, nested as deep as they can be; NULL when there is no memory.
csj_parser *csj_parser_new(size_t capacity);
void csj_parser_free(csj_parser *parser);

// Parses one document. A valid number too large for a machine number is read as 0.5, so that it is never an integer.
csj_status csj_parse(csj_parser *parser, const uint8_t *bytes, size_t length, csj_value *root);

// The fields of an object (or elements of an array, without names), in order, duplicates included.
void csj_open(const csj_value *container, csj_cursor *cursor);
size_t csj_fields(csj_cursor *cursor, csj_field *out, size_t capacity);
size_t csj_elements(csj_cursor *cursor, csj_value *out, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
