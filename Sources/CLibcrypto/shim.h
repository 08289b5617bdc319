// SHA-256 of OpenSSL, which librdkafka brings along anyway.
#include <openssl/sha.h>
