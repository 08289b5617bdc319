// A few C functions over simdjson's first stage: one document at a time, and of its objects the fields that one asks for.
// Everything handed out stays valid until the next csj_parse on the same parser.
#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stdbool.h>
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

typedef struct {
    const char *start;
    size_t length;   // in bytes
} csj_text;

// What counts of the union is decided by `kind`.
typedef struct csj_value {
    csj_kind kind;
    union {
        csj_text string;     // UTF-8, unescaped, not only up to a zero byte
        int64_t integer;
        double number;
        struct {             // of an object: name, value, name, value, …; each value is followed by its own members; of an array: its values
            const struct csj_value *first, *end;
        } members;
    };
} csj_value;

// The names of the fields that a reader wants of an object, made ready to be recognised.
typedef struct csj_names csj_names;

// Which of them an object has: one bit each, in the order of the names.
typedef struct {
    uint64_t found;
    uint64_t repeated;   // given more than once; the last one is handed out
} csj_selection;

typedef enum {
    CSJ_OK = 0,
    CSJ_NOT_UTF8,
    CSJ_NOT_JSON,
    CSJ_NO_MEMORY,
} csj_status;

// A parser for documents of up to `capacity` bytes, nested as deep as they can be; NULL when there is no memory.
csj_parser *csj_parser_new(size_t capacity);
void csj_parser_free(csj_parser *parser);

// Parses one document. A valid number beyond a machine number is read as 9e9: no integer, and larger than any decimal that we read.
csj_status csj_parse(csj_parser *parser, const uint8_t *bytes, size_t length, csj_value *root);

// `count` distinct names, at most 64, none empty. NULL when there is no memory.
csj_names *csj_names_new(const csj_text *names, size_t count);
void csj_names_free(csj_names *names);

// Puts the values of the wanted fields of an object into `out`, each at its name's place; the others there stay as they are. Of anything but an object: none.
void csj_select(const csj_value *object, const csj_names *names, csj_value *out, csj_selection *selection);

// Puts the first elements of an array into `out`, at most so many, and returns how many. Of anything but an array: none.
size_t csj_elements(const csj_value *array, csj_value *out, size_t most);

// Puts the first field of that name into `out`; false if there is none, or this is no object.
bool csj_find(const csj_value *object, const char *name, size_t length, csj_value *out);

#ifdef __cplusplus
}
#endif

#endif
